/** Elements and sheets, in a shadow root. */

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  parent: Node,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  parent.appendChild(element);
  return element;
}

const svg = 'http://www.w3.org/2000/svg';
/** A drawing of one line on 24 by 24, at the end of its parent. */
export function icon(line: string, name: string, parent: Node): Element {
  const image = document.createElementNS(svg, 'svg');
  image.setAttribute('viewBox', '0 0 24 24');
  image.setAttribute('aria-hidden', 'true');
  image.setAttribute('class', name);
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', line);
  image.appendChild(path);
  parent.appendChild(image);
  return image;
}

/** Adopted: no policy of the page's has anything against it. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
