/** Long lists: rows are appended and changed one by one, never drawn anew as a whole. */

export interface Rows<Model> {
  /** Adds a row at the end, or changes the one of this key where it stands. */
  put(key: string, model: Model): void;
  remove(key: string): void;
  /** Shows exactly these, in this order, touching only what differs. */
  show(rows: Iterable<readonly [key: string, model: Model]>): void;
  has(key: string): boolean;
  element(key: string): HTMLElement | undefined;
}

interface RowsOptions<Model> {
  readonly list: HTMLElement;
  readonly make: (model: Model) => HTMLElement;
  /** Changes a row in place. */
  readonly change: (element: HTMLElement, model: Model) => void;
}

/** Makes a list; a row whose model says the same as before is left alone. */
export function createRows<Model>({ list, make, change }: RowsOptions<Model>): Rows<Model> {
  const rows = new Map<string, { element: HTMLElement; mark: string }>();

  function draw(key: string, model: Model): HTMLElement {
    const mark = JSON.stringify(model);
    const row = rows.get(key);
    if (!row) {
      const element = make(model);
      rows.set(key, { element, mark });
      return element;
    }
    if (row.mark !== mark) change(row.element, model);
    row.mark = mark;
    return row.element;
  }

  function remove(key: string): void {
    rows.get(key)?.element.remove();
    rows.delete(key);
  }

  return {
    put(key, model) {
      const known = rows.has(key);
      const element = draw(key, model);
      if (!known) list.append(element);
    },
    remove,
    show(wanted) {
      const models = [...wanted];
      const keys = new Set(models.map(([key]) => key));
      for (const key of [...rows.keys()].filter((each) => !keys.has(each))) remove(key);
      for (const [place, [key, model]] of models.entries()) {
        const element = draw(key, model);
        if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
      }
    },
    has: (key) => rows.has(key),
    element: (key) => rows.get(key)?.element,
  };
}
