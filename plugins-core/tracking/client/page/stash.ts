/** What the page has told and the server has not yet acknowledged: `identify`, `track`, `sendToServer`. */

/** As much as the server takes; `field`: characters of one parameter, `atOnce`: events of one contact. */
const limits = { names: 30, name: 64, value: 255, events: 50, field: 1024, atOnce: 10 } as const;

export interface Stash {
  /** Who the visitor is and what is known of him, in place of what was said before. */
  identify(attributes: unknown): void;
  /** Something happened. */
  track(name: unknown, data?: unknown): void;
  /** Flat parameters: texts, numbers and switches; the rest is dropped. */
  send(parameters: unknown): void;
  /** What one contact can carry. `acknowledged` takes it out, unless it has changed meanwhile. @returns whether more waits */
  take(): { readonly custom: Record<string, string>; readonly acknowledged: () => boolean };
  clear(): void;
}

type Texts = Record<string, string>;
/** Without a prototype, so that nothing that a page put there is found. */
const empty = (): Texts => Object.create(null) as Texts;

function textsOf(value: unknown, longest: number): Texts {
  const texts = empty();
  if (typeof value !== 'object' || value === null) return texts;
  for (const [name, one] of Object.entries(value as Record<string, unknown>))
    if (name && /^(string|number|boolean)$/.test(typeof one))
      texts[name.slice(0, limits.name)] = String(one).slice(0, longest);
  return texts;
}

/** As many of these pieces of JSON as fit into one field, with commas between them. */
function joined(pieces: readonly string[], skip: boolean): { readonly text: string; readonly count: number } {
  let text = '';
  let count = 0;
  for (const piece of pieces) {
    if (text.length + piece.length + 3 <= limits.field) text += (count++ ? ',' : '') + piece;
    else if (!skip) break;
  }
  return { text, count };
}

export function createStash(): Stash {
  let identity = '';
  let parameters = empty();
  let events: readonly { readonly text: string }[] = [];

  return {
    identify(value) {
      const { id, hash, ...rest } = textsOf(value, limits.value);
      const pieces: string[] = [];
      // Who he is goes first; what does not fit in after that is left out.
      for (const [name, text] of [['id', id], ['hash', hash], ...Object.entries(rest)])
        if (text !== undefined) pieces.push(`${JSON.stringify(name)}:${JSON.stringify(text)}`);
      identity = `{${joined(pieces, true).text}}`;
    },
    track(name, data) {
      const text = JSON.stringify({ name: String(name).slice(0, limits.name), data: textsOf(data, limits.value) });
      if (text.length + 3 <= limits.field) events = [...events, { text }].slice(-limits.events);
    },
    send(value) {
      for (const [name, text] of Object.entries(textsOf(value, limits.field)))
        if (name in parameters || Object.entries(parameters).length < limits.names) parameters[name] = text;
    },
    take() {
      const flat = Object.entries(parameters);
      const custom: Texts = {};
      for (const [name, text] of flat) custom[name] = text;
      const identified = identity;
      if (identified) custom['identify'] = identified;
      const { text, count } = joined(
        events.slice(0, limits.atOnce).map((event) => event.text),
        false,
      );
      const told = events.slice(0, count);
      if (count) custom['track'] = `[${text}]`;
      return {
        custom,
        acknowledged() {
          for (const [name, value] of flat) if (parameters[name] === value) delete parameters[name];
          if (identity === identified) identity = '';
          // While they were on their way, others may have pushed some of them out at the front.
          events = events.filter((event) => told.indexOf(event) < 0);
          return !!identity || events.length + Object.entries(parameters).length > 0;
        },
      };
    },
    clear() {
      identity = '';
      parameters = empty();
      events = [];
    },
  };
}
