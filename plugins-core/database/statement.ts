/** A compiled statement: SQL text, what fills its placeholders, what turns its rows into objects. */
import type { Query as Compiled } from 'drizzle-orm';
import { Column, is, Param, Placeholder, SQL, Subquery } from 'drizzle-orm';
import type { SelectedFieldsOrdered } from 'drizzle-orm/mysql-core';
import * as utils from 'drizzle-orm/utils';
import type { Params, Written } from './api.ts';
import { failure } from './failure.ts';

/** What the drivers can bind. */
export type Value = string | number | bigint | Uint8Array | null;
/** Runs a statement somewhere: on its own, inside a transaction, on another thread. Rows come back mapped. */
export type Send = <Result = unknown>(statement: Statement, params?: Params, one?: boolean) => Promise<Result>;

/** `read` gives rows and changes nothing; `change` gives rows and writes; `write` gives a {@link Written}. */
export type StatementKind = 'read' | 'change' | 'write';

interface Decoder {
  mapFromDriverValue(value: unknown): unknown;
}
type NotNullable = Record<string, boolean> | undefined;
// Both are there at run time and marked internal in the declarations.
const { mapResultRow } = utils as unknown as {
  mapResultRow: (fields: SelectedFieldsOrdered, row: unknown[], notNullable: NotNullable) => unknown;
};

function decoderOf(field: SelectedFieldsOrdered[number]['field']): Decoder {
  if (is(field, Column)) return field;
  if (is(field, SQL)) return (field as unknown as { decoder: Decoder }).decoder;
  if (is(field, Subquery)) return (field._.sql as unknown as { decoder: Decoder }).decoder;
  return (field as unknown as { sql: { decoder: Decoder } }).sql.decoder;
}

export class Statement {
  readonly sql: string;
  readonly kind: StatementKind;
  readonly inserts: boolean;
  /** Rows come as objects by column name, since nothing else says what the columns are. */
  readonly named: boolean;
  /** A duplicate key is an answer (nothing affected), not a failure. */
  readonly ignoresDuplicates: boolean;
  /** Set by drizzle when a select joins; tells which tables of an outer join have a row. */
  joinsNotNullableMap: NotNullable;
  readonly #params: readonly unknown[];
  readonly #fields: SelectedFieldsOrdered | undefined;
  readonly #flat: readonly (readonly [string, Decoder])[] | undefined;
  readonly #send: Send;

  constructor(
    send: Send,
    compiled: Compiled,
    kind: StatementKind,
    fields?: SelectedFieldsOrdered,
    { named = false, ignoresDuplicates = false } = {},
  ) {
    this.sql = compiled.sql;
    this.kind = kind;
    this.inserts = /^insert/i.test(compiled.sql);
    this.named = named;
    this.ignoresDuplicates = ignoresDuplicates;
    this.#send = send;
    this.#params = compiled.params;
    this.#fields = fields;
    this.#flat = fields?.every(({ path }) => path.length === 1)
      ? fields.map(({ path, field }) => [path[0] as string, decoderOf(field)])
      : undefined;
  }

  /** What drizzle's builders call when they are awaited. */
  execute(params?: Params): Promise<unknown> {
    return this.#send(this, params);
  }
  run(params?: Params): Promise<unknown> {
    return this.#send(this, params);
  }
  all(params?: Params): Promise<unknown> {
    return this.#send(this, params);
  }

  /** The values to bind, in order. */
  fill(params: Params = {}): Value[] {
    const values: Value[] = [];
    for (const param of this.#params) {
      if (is(param, Placeholder)) values.push(this.#bindable(given(params, param.name)));
      else if (is(param, Param) && is(param.value, Placeholder)) {
        const value = given(params, param.value.name);
        values.push(this.#bindable(value === null ? null : param.encoder.mapToDriverValue(value)));
      } else values.push(this.#bindable(param));
    }
    return values;
  }

  // libsql aborts the whole process over a value that it cannot bind, so nothing unknown may pass here.
  #bindable(value: unknown): Value {
    if (typeof value === 'string') return storable(value);
    if (typeof value === 'number' || value === null) return value;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'bigint' || value instanceof Uint8Array) return value;
    throw failure(
      'DATABASE_PARAM_INVALID',
      `A ${typeof value} cannot be bound in "${this.sql}"; pass what the column takes.`,
    );
  }

  row(values: unknown): unknown {
    if (this.named || !this.#fields) return values;
    return this.#mapped(values as unknown[]);
  }

  #mapped(values: unknown[]): unknown {
    if (this.#flat) {
      const row: Record<string, unknown> = {};
      for (let i = 0; i < this.#flat.length; i++) {
        const [name, decoder] = this.#flat[i] as readonly [string, Decoder];
        const value = values[i];
        row[name] = value === null ? null : decoder.mapFromDriverValue(value);
      }
      return row;
    }
    return mapResultRow(this.#fields ?? [], values, this.joinsNotNullableMap);
  }
}

/** libsql cuts text at NUL: it becomes the sign for a broken character, as in HTML, on every database. */
const storable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);

function given(params: Params, name: string): unknown {
  const value = params[name];
  if (value === undefined)
    throw failure('DATABASE_PARAM_INVALID', `No value for the placeholder "${name}"; pass null if none is meant.`);
  return value;
}

export const nothingWritten: Written = { affected: 0, insertId: 0 };
