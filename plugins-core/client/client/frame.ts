/** Changes an element into what a template says it should be, touching only what differs. */

const idOf = (node: Node) => (node instanceof Element ? node.getAttribute('id') : null);
const isAlike = (one: Node, other: Node) => one.nodeName === other.nodeName && idOf(one) === idOf(other);

/** What somebody does with the page is his: focus, text that he writes, open dialogs, subtrees marked `data-mb-keep`. */
const isHis = (element: Element) =>
  element.hasAttribute('data-mb-keep') || (element instanceof HTMLDialogElement && element.open);

function morphAttributes(from: Element, to: Element): void {
  // The list changes as they go.
  for (const { namespaceURI, localName } of Array.from(from.attributes))
    if (!to.hasAttributeNS(namespaceURI, localName)) from.removeAttributeNS(namespaceURI, localName);
  for (const wanted of to.attributes) {
    const { namespaceURI, localName, value } = wanted;
    if (from.getAttributeNS(namespaceURI, localName) !== value) from.setAttributeNode(wanted.cloneNode() as Attr);
  }
}

function morphNode(from: Node, to: Node): void {
  if (from.isEqualNode(to)) return;
  if (!(from instanceof Element && to instanceof Element)) {
    from.nodeValue = to.nodeValue;
    return;
  }
  if (isHis(from)) return;
  morphAttributes(from, to);
  if (from instanceof HTMLInputElement && to instanceof HTMLInputElement) {
    from.checked = to.checked;
    if (from.value !== to.value) from.value = to.value;
  }
  if (!(from instanceof HTMLTextAreaElement)) morphInside(from, to);
}

/** Whoever stays is found first, and the others go before anybody comes: nobody is moved, and loses the focus, but by a new order. */
function morphInside(from: Element, to: ParentNode & Node): void {
  const select = from instanceof HTMLSelectElement ? from : undefined;
  const chosen = select && (to.querySelector<HTMLOptionElement>('[selected]') ?? select).value;
  const before = [...from.childNodes];
  const left = new Set<Node>(before);
  const pairs = [...to.childNodes].map((wanted) => {
    const stays = before.find((node) => left.has(node) && isAlike(node, wanted));
    if (stays) left.delete(stays);
    return { stays, wanted };
  });
  for (const node of left) from.removeChild(node);
  let place = from.firstChild;
  for (const { stays, wanted } of pairs) {
    if (stays && stays === place) place = place.nextSibling;
    else from.insertBefore(stays ?? wanted, place);
    if (stays) morphNode(stays, wanted);
  }
  if (select) select.value = chosen ?? '';
}

export function morphElement(from: HTMLElement, to: HTMLElement): void {
  if (from.nodeName === to.nodeName) morphNode(from, to);
  else from.replaceWith(to);
}

/** Changes only what is inside. */
export function morphChildren(from: HTMLElement, content: DocumentFragment): void {
  morphInside(from, content);
}
