/** A map that forgets what was not used for longest. */
export class Lru<Key, Value> {
  readonly #items = new Map<Key, Value>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Key): Value | undefined {
    const value = this.#items.get(key);
    if (value === undefined) return undefined;
    this.#items.delete(key);
    this.#items.set(key, value);
    return value;
  }

  /** Looks without counting as a use. */
  peek(key: Key): Value | undefined {
    return this.#items.get(key);
  }

  set(key: Key, value: Value): void {
    this.#items.delete(key);
    this.#items.set(key, value);
    if (this.#items.size <= this.#capacity) return;
    const oldest = this.#items.keys().next();
    if (!oldest.done) this.#items.delete(oldest.value);
  }

  delete(key: Key): void {
    this.#items.delete(key);
  }
}
