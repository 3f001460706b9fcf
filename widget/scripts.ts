/** Script elements with the page's nonce are what a strict policy lets through. */

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** Pages that demand trusted types allow this policy beside the chat's own, `mibew`. */
function makePolicy(): (url: string) => string {
  try {
    const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
    const policy = types!.createPolicy('mibew-loader', { createScriptURL: (url) => url });
    return (url) => policy.createScriptURL(url);
  } catch {
    // The page allows no such policy: where it demands one as well, the browser says what is missing.
    return (url) => url;
  }
}

/** Loads scripts, each address once; one that did not come may be asked for again. */
export type Load = (address: string, module?: boolean) => Promise<void>;

/** @param source the launcher's own element */
export function createLoad(source: HTMLScriptElement): Load {
  const trust = makePolicy();
  const loaded: Record<string, Promise<void> | undefined> = {};
  return (address, module) =>
    (loaded[address] ??= new Promise<void>((done, failed) => {
      const script = document.createElement('script');
      if (module) {
        script.type = 'module';
        script.crossOrigin = 'anonymous';
      }
      script.src = trust(address);
      script.nonce = source.nonce || source.getAttribute('nonce') || '';
      script.onload = () => done();
      script.onerror = () => {
        delete loaded[address];
        script.remove();
        failed(new Error(`${address} could not be loaded`));
      };
      document.head.appendChild(script);
    }));
}
