/** Keeps docs/reference/hooks.md true: no event of the original is forgotten, no hook is named that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const events =
  `banCreate banUpdate banDelete buttonGenerate cronRun groupCreate groupUpdate groupDelete groupUpdateOperators
  invitationCreate invitationAccept invitationReject invitationIgnore operatorAuthenticate operatorLogin operatorLogout
  operatorCreate operatorUpdate operatorDelete pageAddCss pageAddJs pageAddJsPluginOptions resourceAccessDenied
  resourceNotFound routesAlter threadFunctionCall threadCreate threadUpdate threadDelete threadClose threadPostMessage
  threadGetMessagesAlter threadUserIsReady usersUpdateThreadsAlter usersUpdateVisitorsLoad usersUpdateVisitorsAlter
  usersFunctionCall visitorCreate visitorTrack visitorDeleteOld widgetResponseAlter
  threadRequestReceived threadRequestError threadResponseReceived threadCallError
  usersRequestReceived usersRequestError usersResponseReceived usersCallError`
    .split(/\s+/)
    .filter(Boolean);

const sources = () =>
  [
    ...readdirSync(`${root}/kernel`).map((file) => `kernel/${file}`),
    ...readdirSync(`${root}/plugins-core`).map((id) => `plugins-core/${id}/api.ts`),
  ].filter((file) => file.endsWith('.ts') && existsSync(`${root}/${file}`));

/** Hooks (id → kind) and points that the code defines. */
function defined() {
  const hooks = new Map<string, string>();
  const points = new Set<string>();
  for (const file of sources()) {
    const code = readFileSync(`${root}/${file}`, 'utf8').replaceAll(/\/\*[^]*?\*\//g, '');
    for (const [, kind = '', id = ''] of code.matchAll(
      /defineHook\s*\.\s*(\w+)\s*[<(](?:(?!defineHook)[^])*?\(\s*'([\w.-]+)'/g,
    ))
      hooks.set(id, kind);
    for (const [, id = ''] of code.matchAll(/definePoint\b(?:(?!definePoint)[^])*?\(\s*'([\w.]+)'/g)) points.add(id);
  }
  return { hooks, points };
}

/** Rows of all tables: cells without the code marks. */
const rows = readFileSync(`${root}/docs/reference/hooks.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  );
const find = (event: string) => rows.find(([name]) => name === event);

describe('the table of hooks', () => {
  const { hooks, points } = defined();

  it('reads hooks and points out of the code', () => {
    expect(hooks.get('kernel.route.access')).toBe('decide');
    expect(hooks.get('chat.message.filter')).toBe('filter');
    expect(points).toContain('views.client');
    expect(events).toHaveLength(49);
  });

  it.each(events)('says what stands for %s', (event) => {
    const row = find(event);
    expect(row, `${event} is missing`).toBeDefined();
    const cells = row!.filter((cell) => !/^[A-Z_]+$/.test(cell));
    const [, state, here = '', kind] = cells;
    expect(['exists', 'later', 'instead']).toContain(state);
    if (state === 'exists') expect(hooks.get(here), `no hook ${here}`).toBe(kind);
    if (state === 'instead' && here.startsWith('point ')) expect(points).toContain(here.slice('point '.length));
    if (state === 'later') {
      expect(here).toMatch(/^plugin [a-z-]+$/);
      const folder = `${root}/plugins-core/${here.slice('plugin '.length)}`;
      expect(existsSync(folder), `${here} is there: name the hook that it brought`).toBe(false);
    }
  });

  it('names every hook that there is', () => {
    const text = readFileSync(`${root}/docs/reference/hooks.md`, 'utf8');
    for (const id of hooks.keys()) expect(text, id).toContain(`\`${id}\``);
  });
});
