/** The number of those who wait, where the page is small: on its icon in the tab, on the icon of an installed app. */

interface Badged {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

const size = 64;

/** The icon with a dot on it. */
async function dotted(address: string, colour: string): Promise<string> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d')!;
  pen.drawImage(image, 0, 0, size, size);
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(size - 18, 18, 18, 0, 2 * Math.PI);
  pen.fill();
  return canvas.toDataURL('image/png');
}

export function createBadge(page: Document) {
  const link = page.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const plain = link && { href: link.href, type: link.type };
  let made: Promise<string> | undefined;
  let wanted = false;

  async function draw(): Promise<void> {
    if (!link || !plain) return;
    const colour = getComputedStyle(page.documentElement).getPropertyValue('--mb-color-danger-solid');
    made ??= dotted(plain.href, resolved(page, colour));
    const href = await made;
    if (!wanted) return;
    link.type = 'image/png';
    link.href = href;
  }

  const app = navigator as unknown as Badged;
  // Where nobody counts any more no number stays.
  addEventListener('pagehide', () => void app.clearAppBadge?.().catch(() => undefined));

  return (count: number): void => {
    const told = count > 0 ? app.setAppBadge?.(count) : app.clearAppBadge?.();
    told?.catch(() => undefined); // only installed apps have one
    if (wanted === count > 0) return;
    wanted = count > 0;
    if (wanted) draw().catch(() => undefined); // an icon without a dot is still an icon
    else if (link && plain) Object.assign(link, plain);
  };
}

/** A canvas knows no custom properties and no pairs of colours. */
function resolved(page: Document, colour: string): string {
  const probe = page.createElement('span');
  probe.style.color = colour;
  page.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
