/**
 * Frame: a lazy dataframe in the manner of Polars. Every method checks its arguments against the schema at once and adds
 * to the lazy graph; nothing is computed before `collect()`, and then only what the result needs.
 *
 * The class is the surface only: `project.ts`, `group.ts`, `sort.ts` and `join.ts` say what the operators mean.
 */

import type { TypedArray } from '../../compiler/index.ts';
import {
  type CompileSettings,
  DISPOSE,
  type DType,
  type EvaluateOptions,
  type Session,
  type Table,
} from '../../runtime/index.ts';
import { commonSpace, fromData, type LazyColumn, type Space } from '../core/column.ts';
import { answer, type LazyProgram, programFor, type Request } from '../core/evaluate.ts';
import { explainValue, type ValueExplanation } from '../core/explain.ts';
import { INSPECT } from '../core/inspect.ts';
import type { Lease } from '../core/lease.ts';
import { NDArray } from '../core/ndarray.ts';
import { extend, refuse, type Site, siteOf } from '../core/trail.ts';
import { describe, type Item } from '../core/values.ts';
import { col, Expr } from './expr.ts';
import type { ExprNode } from './expr-node.ts';
import { aggregate } from './group.ts';
import { type JoinOptions, join } from './join.ts';
import { type AsofOptions, joinAsof } from './join-asof.ts';
import { type ColumnInput, drop, filter, namedInputs, rename, select, withColumns } from './project.ts';
import { type SortOptions, slice, sort } from './sort.ts';
import { columnNamed, type State } from './state.ts';
import { DataTable, type PrintOptions } from './table.ts';

/** A column by name or an expression. */
export type ColumnArg = string | Expr;
/** Several results: names, expressions, and records that name them. */
export type ColumnsArg = ColumnArg | Readonly<Record<string, ColumnInput>>;

/**
 * A lazy table of named columns of one length.
 *
 * Null rules: an operator with a null is null; comparisons with null are null; `filter` keeps rows where its predicate
 * is true; aggregates skip nulls. Errors at the call: unknown columns (W8003), types (W8004), lengths (W8005), arguments
 * (W8006), two sessions (W8007).
 */
export class Frame {
  readonly state: State;
  readonly #owned: readonly Lease[];
  /** `owned` are the leases on data that this call has read, or made a source of. */
  constructor(state: State, owned: readonly Lease[] = []) {
    this.state = state;
    this.#owned = owned;
  }
  /**
   * Gives back the memory of the columns that this frame was read into, or what sessions hold for the data that it was made
   * of; neither it nor what was derived from it can be computed any more (W8009). A frame that was computed from others
   * holds nothing.
   */
  dispose(): void {
    for (const lease of this.#owned) lease.dispose();
  }
  [DISPOSE](): void {
    this.dispose();
  }

  /** Column names in order. */
  get columns(): readonly string[] {
    return [...this.state.columns.keys()];
  }
  /** Logical types in the order of the columns. */
  get dtypes(): readonly DType[] {
    return [...this.state.columns.values()].map((c) => c.dtype);
  }
  /** Logical type and nullability by column name. */
  get schema(): Readonly<Record<string, { readonly dtype: DType; readonly nullable: boolean }>> {
    const entries = [...this.state.columns].map(([name, c]) => [name, { dtype: c.dtype, nullable: c.valid !== null }]);
    return Object.fromEntries(entries);
  }
  /** What the frame is: its columns and types, without computing anything. */
  toString(): string {
    const columns = Object.entries(this.schema).map(([name, c]) => `${name}: ${c.dtype}${c.nullable ? '?' : ''}`);
    return `Frame { ${columns.join(', ')} } (lazy: await collect())`;
  }
  [INSPECT](): string {
    return this.toString();
  }
  /** The number of rows, or null while it depends on a filter, a join or a grouping that has not run. */
  get length(): number | null {
    return this.state.space.length;
  }
  /** A column as a lazy array, without a copy. */
  column(name: string): NDArray {
    const site = this.#site('column', JSON.stringify(name));
    return new NDArray({ ...columnNamed(this.state, name, site), session: this.state.session }, site.trail);
  }

  /** The rows where all predicates are true. A column that the predicates prove present is not nullable afterwards. */
  filter(...predicates: readonly Expr[]): Frame {
    const site = this.#site('filter', predicates.map(String).join(', '));
    return new Frame(filter(this.state, nodesOf(predicates, site), site));
  }
  /** Only these columns. When all are aggregates, one row. */
  select(...columns: readonly ColumnsArg[]): Frame {
    const site = this.#site('select', argsText(columns));
    return new Frame(select(this.state, namedInputs(columns, site), site));
  }
  /** These columns added, or put in the place of those with the same names. Takes expressions, arrays and tensors. */
  withColumns(...columns: readonly ColumnsArg[]): Frame {
    const site = this.#site('withColumns', argsText(columns));
    return new Frame(withColumns(this.state, namedInputs(columns, site), site));
  }
  drop(...names: readonly string[]): Frame {
    return new Frame(drop(this.state, names, this.#site('drop', argsText(names))));
  }
  /** `rename({ old: 'new' })` */
  rename(names: Readonly<Record<string, string>>): Frame {
    return new Frame(rename(this.state, names, this.#site('rename', JSON.stringify(names))));
  }
  /** Groups rows by the values of keys; continue with `.agg(..)`. */
  groupBy(...keys: readonly ColumnArg[]): GroupBy {
    return new GroupBy(this.state, keys, this.#site('groupBy', argsText(keys)));
  }
  /** Sorts rows stably. Nulls last unless `nullsLast` is false; NaN after all numbers. */
  sort(by: ColumnArg | readonly ColumnArg[], options: SortOptions = {}): Frame {
    const keys = Array.isArray(by) ? by : [by];
    const site = this.#site('sort', argsText(keys));
    return new Frame(sort(this.state, nodesOf(keys.map(exprOf), site), options, site));
  }
  /** The first rows. */
  head(n = 5): Frame {
    return new Frame(slice(this.state, 0, n, this.#site('head', String(n))));
  }
  limit(n: number): Frame {
    return new Frame(slice(this.state, 0, n, this.#site('limit', String(n))));
  }
  /** The last rows. */
  tail(n = 5): Frame {
    const site = this.#site('tail', String(n));
    return new Frame(n === 0 ? slice(this.state, 0, 0, site) : slice(this.state, -n, n, site));
  }
  /** Rows from `offset`, counted from the end where negative; `length` of them, or the rest. */
  slice(offset: number, length?: number): Frame {
    const site = this.#site('slice', length === undefined ? String(offset) : `${offset}, ${length}`);
    return new Frame(slice(this.state, offset, length ?? null, site));
  }
  /**
   * Pairs of rows with equal keys: `how` is inner (default), left, right, full, semi or anti. They come in the order of the
   * left side, then of the right one; right rows alone come last. Nulls match nothing. Key columns come once, under their
   * left name. Keys have one type (W8004). `validate` promises keys that are there once: W6015, or W8006 at the call.
   */
  join(right: Frame | DataTable, options: JoinOptions): Frame {
    const site = this.#site('join', optionsText(options));
    return new Frame(join(this.state, rightSide('join', right, site), options, site));
  }

  /**
   * Each row with the right one that is nearest by the column `on`: the last that is not after it (`strategy` `backward`, the
   * default), the first not before it (`forward`), or the nearer of these; with equal keys `by`, within `tolerance`. The
   * right side is in the order of `on` (W6016).
   */
  joinAsof(right: Frame | DataTable, options: AsofOptions): Frame {
    const site = this.#site('joinAsof', optionsText(options));
    return new Frame(joinAsof(this.state, rightSide('joinAsof', right, site), options, site));
  }

  /**
   * Computes all columns, by one program. `options` may take fewer threads than the session has, or switch passes off;
   * neither changes the result. A `signal` cancels the computation (W6013).
   */
  collect(options: EvaluateOptions = {}): Promise<DataTable> {
    return answer(this.request(), options);
  }
  /** What `collect` computes, for `evaluate`. */
  request(): Request<DataTable> {
    const { columns, session, trail } = this.state;
    return {
      columns: [...columns.values()],
      scalars: [],
      session,
      site: this.#site('collect', ''),
      finish: ({ columns: made, lease }) => {
        const table = { names: [...columns.keys()], columns: made, length: made[0]?.length ?? 0 };
        return new DataTable(table, session, trail, lease, tableFrame);
      },
    };
  }
  /**
   * How the frame would be computed: the passes, what they save, the fused program and the choices of the lowering. It
   * prints as text (`text`, `toString()`); `settings` are those of `collect`.
   */
  explain(settings: CompileSettings = {}): Promise<ValueExplanation> {
    return explainValue([...this.state.columns.values()], [], this.state.session, settings);
  }
  /** What `collect` would run, as a program with its data in memory: the form that `weldc build` compiles. */
  toProgram(): LazyProgram {
    return programFor([...this.state.columns.values()], [], this.#site('toProgram', ''));
  }
  /** Computes the frame and prints it. */
  async print(options: PrintOptions = {}): Promise<void> {
    (await this.collect()).print(options);
  }
  async toRecords(): Promise<Record<string, Item>[]> {
    const table = await this.collect();
    const records = table.toRecords();
    table.dispose();
    return records;
  }
  async toColumns(): Promise<Record<string, TypedArray | Item[]>> {
    return (await this.collect()).toColumns();
  }
  /** Computes the frame as an Apache Arrow table. */
  async toArrow(): ReturnType<DataTable['toArrow']> {
    return (await this.collect()).toArrow();
  }

  #site(call: string, text: string): Site {
    return siteOf(`frame.${call}`, this.state.trail, `${call}(${text})`);
  }
}

/** `frame.groupBy(..)`, waiting for its aggregates. */
export class GroupBy {
  readonly #state: State;
  readonly #keys: readonly ColumnArg[];
  readonly #site: Site;
  constructor(state: State, keys: readonly ColumnArg[], site: Site) {
    if (keys.length === 0) refuse(site, 'W8006', 'groupBy needs at least one key');
    this.#state = state;
    this.#keys = keys;
    this.#site = site;
  }
  /**
   * One row for each group, in order of first appearance: the keys, then the aggregates (`col('x').sum()`, `.mean()`,
   * `.min()`, `.max()`, `.count()`, `.median()`, `.quantile(q)`, `.nUnique()`, `len()` and expressions of them), named by
   * `alias` or by a record.
   */
  agg(...aggregates: readonly (Expr | Readonly<Record<string, Expr>>)[]): Frame {
    const text = `agg(${argsText(aggregates)})`;
    const site: Site = { call: 'frame.agg', trail: extend(this.#site.trail, text) };
    const named = namedInputs(aggregates, site).map(({ name, input }) => {
      if (!(input instanceof Expr)) refuse(site, 'W8006', `agg: ${name} is ${describe(input)}, not an expression`);
      return input.alias(name);
    });
    return new Frame(aggregate(this.#state, this.#keys.map(exprOf), named, site));
  }
}

function rightSide(call: string, right: unknown, site: Site): State {
  const other = right instanceof DataTable ? right.lazy() : right;
  if (other instanceof Frame) return other.state;
  return refuse(site, 'W8006', `${call} needs a frame or a table, found ${describe(right)}`);
}
const optionsText = (options: unknown): string =>
  JSON.stringify(options, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));

const exprOf = (x: ColumnArg): Expr => (x instanceof Expr ? x : col(x));

function nodesOf(exprs: readonly Expr[], site: Site): readonly ExprNode[] {
  return exprs.map((e) =>
    e instanceof Expr
      ? e.node
      : refuse(site, 'W8006', `an expression is needed, found ${describe(e)}`, { help: `write col('name')` }),
  );
}

function argsText(args: readonly (ColumnsArg | Readonly<Record<string, Expr>>)[]): string {
  const text = (x: ColumnsArg | Readonly<Record<string, Expr>>): string => {
    if (typeof x === 'string') return JSON.stringify(x);
    if (x instanceof Expr) return x.toString();
    const entry = ([name, v]: [string, ColumnInput]): string => (v instanceof Expr ? `${name}: ${v}` : name);
    return typeof x === 'object' && x !== null ? `{ ${Object.entries(x).map(entry).join(', ')} }` : describe(x);
  };
  return args.map(text).join(', ');
}

/** A frame over data under a lease. */
export function frameOf(
  table: Table,
  session: Session | null,
  site: Site,
  lease: Lease,
  owned: readonly Lease[] = [],
): Frame {
  const lazies = fromData(table.columns, table.length, session, site, lease);
  return frameOfColumns(table.names, lazies, session, site, owned);
}

/** A frame over lazy columns, which must be equally long. */
export function frameOfColumns(
  names: readonly string[],
  lazies: readonly LazyColumn[],
  session: Session | null,
  site: Site,
  owned: readonly Lease[] = [],
): Frame {
  const space: Space | null = commonSpace(lazies, site);
  if (space === null) refuse(site, 'W8006', 'a frame has at least one column');
  const columns = new Map<string, LazyColumn>();
  for (const [k, name] of names.entries()) {
    const column = lazies[k];
    if (column !== undefined) columns.set(name, column);
  }
  return new Frame({ columns, space, session, trail: site.trail }, owned);
}

const tableFrame = (t: DataTable, lease: Lease): Frame =>
  frameOf(t, t.session, { call: 'table.lazy', trail: t.trail }, lease);
