/** Changes an element into what a template says it should be, touching only what differs. */
import morphdom from 'morphdom';

// The package's types promise `default` inside the default export; at run time there is none.
const morph = morphdom as unknown as typeof morphdom.default;

/** What somebody does with the page is his: focus, text that he writes, open dialogs, subtrees marked `data-mb-keep`. */
const rules = {
  onBeforeElUpdated(from: HTMLElement, to: HTMLElement): boolean {
    if (from.dataset.mbKeep !== undefined) return false;
    if (from instanceof HTMLDialogElement && from.open) return false;
    if (from instanceof HTMLTextAreaElement && to instanceof HTMLTextAreaElement) to.value = from.value;
    return !from.isEqualNode(to);
  },
};

export function morphElement(from: HTMLElement, to: HTMLElement): void {
  morph(from, to, rules);
}

/** Changes only what is inside. */
export function morphChildren(from: HTMLElement, content: DocumentFragment): void {
  const to = from.cloneNode(false) as HTMLElement;
  to.append(content);
  morph(from, to, { ...rules, childrenOnly: true });
}
