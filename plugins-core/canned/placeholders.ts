/** What stands in braces in a canned message. */

export type Values = Readonly<Record<string, string>>;

/** Fills in what is known, in one pass: a visitor who calls himself `{operator}` stays that. Anything else is left as it was typed. */
export const fillIn = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? values[name]! : whole));
