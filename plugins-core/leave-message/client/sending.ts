/** Brings a message to the server, once, however often it has to be tried. */
import { isTransient, succeed, type Transport } from '../../client/client/index.ts';
import type { MountedCaptcha } from '../../captcha/api.ts';
import type { Filled } from './form.ts';

export interface SendingNeeds {
  readonly transport: Transport;
  /** What the page knows of the visitor. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly captcha: () => Promise<MountedCaptcha> | undefined;
}

const wrongCaptcha = 10;
const pauses = [1_000, 3_000];

const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (error: unknown) => (error as { readonly code?: number }).code;

export function createSending({ transport, known, captcha }: SendingNeeds) {
  /** The key belongs to what was typed: the same again is a repetition, anything else is another message. */
  let last: { readonly typed: string; readonly key: string } | undefined;

  async function call(args: Readonly<Record<string, unknown>>): Promise<void> {
    const functionCall = {
      function: 'processLeaveMessage',
      arguments: { threadId: null, token: null, ...args, return: {} },
    };
    for (let attempt = 0; ; attempt++) {
      try {
        succeed(await transport.call([functionCall], { force: true }));
        return;
      } catch (error) {
        const pause = pauses[attempt];
        if (!isTransient(error) || pause === undefined) throw error;
        await wait(pause);
      }
    }
  }

  return {
    /** @throws CallFailed */
    async send({ consent, ...typed }: Filled): Promise<void> {
      const text = JSON.stringify(typed);
      if (last?.typed !== text) last = { typed: text, key: randomKey() };
      const { referrer, info, locale } = known;
      const args = {
        info,
        locale,
        referrer,
        ...typed,
        key: last.key,
        ...(consent !== undefined && { consent }),
      };
      for (let attempt = 0; ; attempt++) {
        const check = await captcha();
        const payload = await check?.payload();
        try {
          await call({ ...args, ...(payload !== undefined && { captcha: payload }) });
          return;
        } catch (error) {
          // It may have run out while the form stood open; another one is soon made.
          if (codeOf(error) !== wrongCaptcha || !check || attempt > 0) throw error;
        } finally {
          check?.spent();
        }
      }
    },
  };
}
