/** Forms that two people have open at once: what this one changed, and whether somebody else changed the same meanwhile. */

/** Field → text, as forms post them. */
export type FormValues<F extends string = string> = Readonly<Record<F, string>>;

/** What was changed in a form since it was shown. */
export interface Edits<F extends string> {
  /** Fields that differ from what the form showed; all of them where it did not say what that was. */
  readonly changed: readonly F[];
  /** What the form showed; undefined where it did not say. */
  readonly seen: Partial<FormValues<F>> | undefined;
}

const tidy = (text: string) => text.replaceAll('\r\n', '\n');

function parsed(text: string | null): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Value of the hidden field `seen`, which tells what the form shows.
 * @example views.page(context, 'groups/group_edit', { values, seen: seenText(values) })
 */
export const seenText = (values: FormValues): string => JSON.stringify(values);

/**
 * What was changed in a posted form: only that is stored, so that two people who change different fields both get their way.
 * @param posted the fields as they came
 * @param form all of the form, with its field `seen`
 * @example
 * const { changed, seen } = editsOf(posted, form.fields);
 */
export function editsOf<F extends string>(posted: FormValues<F>, form: URLSearchParams): Edits<F> {
  const fields = Object.keys(posted) as F[];
  const given = parsed(form.get('seen'));
  if (!given) return { changed: fields, seen: undefined };
  const seen: Partial<Record<F, string>> = {};
  for (const field of fields) {
    const text = given[field];
    if (typeof text === 'string') seen[field] = tidy(text);
  }
  return { changed: fields.filter((field) => seen[field] !== tidy(posted[field])), seen };
}

/** What a posted form asks of the service behind it, see {@link readEdits}. */
export interface FormEdits<F extends string, Input> {
  /** What was changed since the form was shown. */
  readonly changes: Input;
  /** What the form showed of that; undefined where it did not say. */
  readonly expected: Input | undefined;
  /** The field `seen` for the same form shown again because something in it was wrong: what it showed at first, not what is stored by now. */
  readonly seen: string | undefined;
  /** The form anew: what was changed as it was typed, everything else as it is by now. */
  onto(now: FormValues<F>): FormValues<F>;
}

/**
 * Reads a posted form for a service that takes `changes` and what was `expected` in their place.
 * @param read makes input of the fields that it is given, and of no others
 * @example
 * const edits = readEdits(posted, form.fields, inputOf);
 * await groups.update(id, edits.changes, edits.expected);
 */
export function readEdits<F extends string, Input>(
  posted: FormValues<F>,
  form: URLSearchParams,
  read: (values: Partial<FormValues<F>>) => Input,
): FormEdits<F, Input> {
  const { changed, seen } = editsOf(posted, form);
  const only = (values: Partial<FormValues<F>>) =>
    Object.fromEntries(
      changed.flatMap((field) => (values[field] === undefined ? [] : [[field, values[field]]])),
    ) as Partial<FormValues<F>>;
  return {
    changes: read(only(posted)),
    expected: seen && read(only(seen)),
    seen: seen && seenText(seen as FormValues),
    onto: (now) => ({ ...now, ...only(posted) }),
  };
}

/**
 * Fields which somebody else changed, and to something else than is wanted here. To be asked inside the transaction that writes.
 * @param now what is stored
 * @param expected what was seen of the fields that are to change
 * @param wanted what they are to become
 * @example const conflicts = conflictsOf(row, expected, changes);
 */
export function conflictsOf<T extends object>(now: T, expected: Partial<T>, wanted: Partial<T>): (keyof T & string)[] {
  const differ = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  return (Object.keys(expected) as (keyof T & string)[]).filter(
    (field) => differ(now[field], expected[field]) && differ(now[field], wanted[field]),
  );
}
