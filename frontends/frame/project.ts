/**
 * select, withColumns, filter, drop, rename: operators that keep rows or drop some, without reordering them.
 *
 * One call makes at most one loop, over what it computes; columns that pass through are only referred to.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { invariant } from '../../compiler/index.ts';
import { and, type Cell, TRUE } from '../core/cell.ts';
import {
  type ColumnLike,
  commonSession,
  commonSpace,
  filterColumns,
  fromData,
  holds,
  isColumnLike,
  isScalarOperand,
  type LazyColumn,
  type Space,
  store,
} from '../core/column.ts';
import { columnFrom } from '../core/ndarray.ts';
import type { Literal } from '../core/operand.ts';
import { mismatch } from '../core/ops.ts';
import type { Scalar } from '../core/scalar.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe, type Item, isTypedArray } from '../core/values.ts';
import { Expr, nodeOf } from './expr.ts';
import { type ExprNode, textOf } from './expr-node.ts';
import { columnNamed, resolveRows, type State, sessionOf } from './state.ts';

/** A new column: an expression, an array or tensor of any library, data, or a literal. */
export type ColumnInput = Expr | ColumnLike | Scalar | Literal | TypedArray | readonly Item[];

/** Results by name, from arguments as users give them. */
export type Named = readonly { readonly name: string; readonly input: ColumnInput }[];

/** `select('a', col('b').add(1), { c: expr })`: names, expressions and records of named columns. */
export function namedInputs(
  args: readonly (string | Expr | Readonly<Record<string, ColumnInput>>)[],
  site: Site,
): Named {
  const named = args.flatMap((x): Named => {
    if (typeof x === 'string') return [{ name: x, input: new Expr({ kind: 'col', name: x }) }];
    if (x instanceof Expr) return [{ name: x.name, input: x }];
    if (typeof x !== 'object' || x === null || isColumnLike(x) || Array.isArray(x)) {
      return refuse(
        site,
        'W8006',
        `a column name, an expression or a record of columns is needed, found ${describe(x)}`,
        {
          help: 'name an array with a record: { name: array }',
        },
      );
    }
    return Object.entries(x).map(([name, input]) => ({ name, input }));
  });
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) {
      refuse(site, 'W8006', `two results are called ${JSON.stringify(name)}`, {
        help: 'name one of them with alias(..)',
      });
    }
    seen.add(name);
  }
  return named;
}

export function withColumns(state: State, named: Named, site: Site): State {
  const { columns, session, space } = computed(state, named, state.space, site);
  return { ...state, columns: new Map([...state.columns, ...columns]), session, space, trail: site.trail };
}

/** Only the named columns. When all of them are aggregates or literals, the frame has one row. */
export function select(state: State, named: Named, site: Site): State {
  if (named.length === 0) refuse(site, 'W8006', 'select needs at least one column');
  const { columns, session, space } = computed(state, named, null, site);
  return { columns, session, space, trail: site.trail };
}

/**
 * Stores named inputs as columns. With `rows` null, inputs that are all scalars give one row; otherwise scalars fill the
 * rows of the frame.
 */
function computed(state: State, named: Named, rows: Space | null, site: Site): Omit<State, 'trail'> {
  const nodes = named.flatMap(({ input }) => expressionOf(input, site) ?? []);
  const resolved = resolveRows(state, nodes, site);
  const operands = nodes.flatMap((_, k) => resolved[k] ?? []);
  const given = named.flatMap(({ input }) => (isData(input) ? [columnFrom(input, site)] : []));
  for (const c of given) commonSpace([{ ...c, space: state.space }, c], site);
  const session = commonSession([{ session: sessionOf(state, nodes, site) }, ...given], site);
  const oneRow = rows === null && given.length === 0 && operands.every(isScalarOperand);
  const space = oneRow ? singleRow(site) : state.space;
  const stored = store(operands, space, session, site);
  let expression = 0;
  let data = 0;
  const columns = named.map(({ name, input }): [string, LazyColumn] => {
    const column = isData(input) ? given[data++] : stored[expression++];
    invariant(column !== undefined, () => `the column ${name} was not stored`);
    return [name, column];
  });
  return { columns: new Map(columns), session, space };
}

function expressionOf(input: ColumnInput, site: Site): ExprNode | null {
  return isData(input) ? null : nodeOf(input, site);
}

function isData(input: ColumnInput): input is ColumnLike | TypedArray | readonly Item[] {
  return isColumnLike(input) || isTypedArray(input) || Array.isArray(input);
}

/** A space of one row. */
function singleRow(site: Site): Space {
  const column = { dtype: 'bool', length: 1, data: Uint8Array.of(1), validity: null, dictionary: null } as const;
  const [row] = fromData([column], 1, null, site);
  invariant(row !== undefined, () => 'one column in, one column out');
  return row.space;
}

/** The rows where every predicate holds and is not null. */
export function filter(state: State, predicates: readonly ExprNode[], site: Site): State {
  const parts = predicates.flatMap(conjunctsOf);
  const keep = resolveRows(state, parts, site).reduce<Cell>((all, o, k) => {
    const part = parts[k];
    if (o.dtype !== 'bool') mismatch({ ...site, text: () => (part ? textOf(part) : '') }, 'filter needs a bool', [o]);
    return and(all, holds(o));
  }, TRUE);
  const session = sessionOf(state, parts, site);
  if (keep === TRUE) return { ...state, session, trail: site.trail };
  const names = [...state.columns.keys()];
  const kept = filterColumns([...state.columns.values()], keep, state.space, site);
  const columns = new Map<string, LazyColumn>();
  for (const [k, name] of names.entries()) {
    const column = kept[k];
    if (column !== undefined) columns.set(name, column);
  }
  const space = kept[0]?.space ?? state.space;
  return { columns, space, session, trail: site.trail };
}

/** A row passes `a and b` when it passes both: split, so that what each part implies is seen. */
const conjunctsOf = (n: ExprNode): readonly ExprNode[] =>
  n.kind === 'logic' && n.op === 'and' ? [...conjunctsOf(n.a), ...conjunctsOf(n.b)] : [n];

export function drop(state: State, names: readonly string[], site: Site): State {
  for (const name of names) columnNamed(state, name, site);
  const columns = new Map([...state.columns].filter(([name]) => !names.includes(name)));
  if (columns.size === 0) refuse(site, 'W8006', 'drop would leave no column');
  return { ...state, columns, trail: site.trail };
}

export function rename(state: State, names: Readonly<Record<string, string>>, site: Site): State {
  for (const name of Object.keys(names)) columnNamed(state, name, site);
  const renamed = [...state.columns].map(([name, column]): [string, LazyColumn] => [names[name] ?? name, column]);
  const columns = new Map(renamed);
  if (columns.size < renamed.length) {
    const all = renamed.map(([name]) => name);
    const twice = all.find((name, k) => all.indexOf(name) !== k);
    refuse(site, 'W8006', `rename would give two columns the name ${JSON.stringify(twice ?? '')}`);
  }
  return { ...state, columns, trail: site.trail };
}
