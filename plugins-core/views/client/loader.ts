/** Starts a page's client app: reads the boot data, loads everything at once, hands it to the app. Module imports inherit the nonce. */
import type { AppModule, AppStart, ClientTexts, PageBoot } from '../api.ts';

interface Default<T> {
  readonly default: T;
}
const load = <T>(address: string): Promise<T> => import(address) as Promise<T>;

async function start(): Promise<void> {
  const { app, boot, assets } = JSON.parse(document.getElementById('mibew-boot')!.textContent) as PageBoot;
  const root = document.querySelector<HTMLElement>(`[data-mb-app="${app}"]`) ?? document.body;
  try {
    const [module, templates, texts] = await Promise.all([
      load<AppModule>(assets.app),
      load<Default<AppStart['templates']>>(assets.templates),
      load<Default<ClientTexts>>(assets.texts),
      // Evaluated before the start, so that their controls are there; one that fails shall not take the app with it.
      ...assets.joined.map((address) => load(address).catch((error: unknown) => reportError(error))),
    ]);
    await module.start({ root, boot, templates: templates.default, texts: texts.default, assets });
  } catch (error) {
    // The page says so in words of its own, written by the server: without texts there is nothing to translate with.
    root.removeAttribute('aria-busy');
    root.dataset['mbFailed'] = '';
    throw error;
  }
}

void start();
