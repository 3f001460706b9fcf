/** JSON on pages with old libraries: some have given arrays and texts a `toJSON` that answers with text of its own. */

const prototypes: readonly object[] = [
  Array.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  Object.prototype,
];

/** `JSON.stringify` as if nobody had touched the prototypes; they are as before when it returns. */
export function toJson(value: unknown): string {
  const found: (readonly [object, PropertyDescriptor])[] = [];
  for (const prototype of prototypes) {
    const own = Object.getOwnPropertyDescriptor(prototype, 'toJSON');
    // What cannot be taken away for a moment stays.
    if (own && Reflect.deleteProperty(prototype, 'toJSON')) found.push([prototype, own]);
  }
  try {
    return JSON.stringify(value);
  } finally {
    for (const [prototype, own] of found) Object.defineProperty(prototype, 'toJSON', own);
  }
}
