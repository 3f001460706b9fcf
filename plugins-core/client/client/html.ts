/** The one way of markup into a page, and the one list of what messages may contain. */

interface TrustedPolicy {
  createHTML(html: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedPolicy;
}

let policy: TrustedPolicy | undefined;

function makePolicy(): TrustedPolicy {
  const plain: TrustedPolicy = { createHTML: (text) => text };
  try {
    return (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('mibew', plain) ?? plain;
  } catch {
    // The page allows no such policy: where it demands one as well, the browser says what is missing.
    return plain;
  }
}

/** Pages that demand trusted types allow one policy, `mibew`; it only ever fills a template, where nothing runs. */
function trusted(html: string): string {
  policy ??= makePolicy();
  return policy.createHTML(html);
}

/**
 * Parses markup that we made: templates, whose values are escaped. Never for text of people.
 *
 * @example element.append(fragment(templates.render('chat/message', model)));
 */
export function fragment(html: string): DocumentFragment {
  const template = document.createElement('template');
  template.innerHTML = trusted(html);
  return template.content;
}

const tags = new Set(['span', 'em', 'strong', 'b', 'i', 'br', 'p', 'ul', 'ol', 'li', 'a', 'font']);
/** Their content is no text either. */
const dropped = new Set(['script', 'style', 'template', 'title', 'noscript', 'iframe', 'object', 'svg', 'math']);
const addresses = /^(?:https?|ftp|mailto):/i;
const link = /\b(?:https?|ftp):\/\/[^\s<>"']+/gi;

function anchor(address: string): HTMLAnchorElement {
  const element = document.createElement('a');
  element.href = address;
  element.target = '_blank';
  element.rel = 'noopener noreferrer nofollow';
  return element;
}

/** Punctuation at the end belongs to the sentence; a bracket belongs to the address that opened it. */
export function trimAddress(address: string): string {
  let end = address.replace(/[.,;:!?…]+$/, '');
  while (end.endsWith(')') && end.split(')').length > end.split('(').length)
    end = end.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return end;
}

/** Text with its addresses made clickable. */
export function linked(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(link)) {
    const address = trimAddress(match[0]);
    if (address.length <= address.indexOf('//') + 2) continue;
    const element = anchor(address);
    element.textContent = address;
    parts.push(text.slice(from, match.index), element);
    from = match.index + address.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== '');
}

function copy(from: Node, inLink: boolean): (Node | string)[] {
  return [...from.childNodes].flatMap((child) => {
    if (child.nodeType === Node.TEXT_NODE) return inLink ? [child.nodeValue ?? ''] : linked(child.nodeValue ?? '');
    if (!(child instanceof Element)) return [];
    const tag = child.localName;
    if (dropped.has(tag)) return [];
    if (!tags.has(tag)) return copy(child, inLink);
    const href = child.getAttribute('href') ?? '';
    const isLink = tag === 'a' && addresses.test(href);
    const element = isLink ? anchor(href) : document.createElement(tag === 'font' || tag === 'a' ? 'span' : tag);
    const names = child.getAttribute('class');
    if (names) element.className = names;
    element.append(...copy(child, inLink || isLink));
    return [element];
  });
}

/**
 * The nodes of a message as it comes over the wire. The server made it safe already; here it is built anew from what is
 * allowed, so that nothing else can come in whatever the server was told.
 */
export function messageNodes(html: string): DocumentFragment {
  const nodes = document.createDocumentFragment();
  nodes.append(...copy(fragment(html), false));
  return nodes;
}
