/**
 * Evaluation: lazy columns and scalars to data, by one program for everything asked for together.
 *
 * Columns that are here already (outputs of sources) are handed out as they are; only the rest is emitted and run. The
 * session owns the memory of results; a validity that turns out to mark nothing is dropped.
 */

import type { Program, ScalarValue, TypedArray, Value, VecValue } from '../../compiler/index.ts';
import { invariant } from '../../compiler/index.ts';
import type { DataColumn as Column, EvaluateOptions, Session } from '../../runtime/index.ts';
import { defaultSession } from '../../runtime/index.ts';
import type { LazyColumn } from './column.ts';
import { sourceData } from './column.ts';
import { argumentFor } from './emission.ts';
import { type Emitted, emit, type Roots } from './emit.ts';
import { emittedFor } from './emitted.ts';
import { Lease } from './lease.ts';
import type { FieldRef, SourceNode } from './node.ts';
import type { Operand } from './operand.ts';
import { refuse, type Site } from './trail.ts';

/** What is asked of an evaluation: lazy columns and scalars that belong together. */
export interface Asked {
  readonly columns: readonly LazyColumn[];
  readonly scalars: readonly Operand[];
  readonly session: Session | null;
  /** The call that asks, for errors. */
  readonly site: Site;
}
/** What an evaluation gives: the columns, and the scalars with null for a missing one. */
export interface Evaluated {
  readonly columns: readonly Column[];
  readonly scalars: readonly (ScalarValue | null)[];
  /** On the columns, which are nobody else's. */
  readonly lease: Lease;
}
/** What a lazy value asks for, and what it makes of it. */
export interface Request<R> extends Asked {
  finish(e: Evaluated): R;
}

/** The program for columns and scalars, or null when all of it is here already. */
export function emitFor(columns: readonly LazyColumn[], scalars: readonly Operand[]): Emitted | null {
  const roots = rootsOf(columns, scalars);
  return roots.fields.length + roots.scalars.length === 0 ? null : emit(roots);
}

/** A lazy value as a program, with the data that it is to be given. */
export interface LazyProgram {
  readonly program: Program;
  readonly args: readonly Value[];
}

/** The program that `evaluate` would run. Refuses (W8006) where all of it is here already. */
export function programFor(columns: readonly LazyColumn[], scalars: readonly Operand[], site: Site): LazyProgram {
  const emitted = emitFor(columns, scalars);
  if (emitted === null) refuse(site, 'W8006', 'there is nothing to compute: it is data already');
  return { program: emitted.program, args: emitted.params.map(argumentFor) };
}

function rootsOf(columns: readonly LazyColumn[], scalars: readonly Operand[]): Roots {
  const refs = columns.flatMap((c) => (c.valid === null ? [c.value.ref] : [c.value.ref, c.valid.ref]));
  const fields = refs.filter((ref) => sourceData(ref) === null);
  return { fields, scalars: scalars.flatMap((s) => (s.valid === null ? [s.value] : [s.value, s.valid])) };
}

/** The answer to one request. */
export async function answer<R>(request: Request<R>, options: EvaluateOptions = {}): Promise<R> {
  const [found] = await evaluateTogether([request], request.session, options);
  invariant(found !== undefined, () => 'one request has one answer');
  return request.finish(found);
}

/** Runs what is needed for everything asked for, by one program. */
export async function evaluateTogether(
  all: readonly Asked[],
  session: Session | null,
  options: EvaluateOptions = {},
): Promise<readonly Evaluated[]> {
  const scalars = all.flatMap((a) => a.scalars);
  const roots = rootsOf(
    all.flatMap((a) => a.columns),
    scalars,
  );
  const vectors = new Map<FieldRef, Vector>();
  const values: ScalarValue[] = [];
  if (roots.fields.length + roots.scalars.length > 0) {
    const home = session ?? (await defaultSession());
    const emitted = emittedFor(roots, home);
    const value = await run(emitted, home, options);
    for (const [k, ref] of roots.fields.entries()) vectors.set(ref, { ...vectorOf(emitted, value, k), home });
    for (const member of emitted.scalars) values.push(scalarOf(memberOf(emitted, value, member)));
  }
  const numbers = pairUp(scalars, values);
  const taken = new Set<Vector>();
  let at = 0;
  return all.map((a) => {
    const own = numbers.slice(at, at + a.scalars.length);
    at += a.scalars.length;
    return { ...columnsOf(a, vectors, taken), scalars: own };
  });
}

/** Evaluates; the data that it reads stay until it is done. */
async function run({ program, params, leases }: Emitted, session: Session, options: EvaluateOptions): Promise<Value> {
  for (const lease of leases) lease.enter(session);
  try {
    return await session.evaluate(program, params.map(argumentFor), options);
  } finally {
    for (const lease of leases) lease.leave();
  }
}

interface Vector {
  readonly data: TypedArray;
  readonly length: number;
  /** The session whose memory it is; null for the caller's. */
  readonly home: Session | null;
}

/**
 * The data of columns that belong together, which must come out equally long, with a lease on them. They have views of
 * their own, as they may be disposed apart from others; `taken` are the vectors whose view is somebody's already.
 */
function columnsOf(
  { columns, site }: Asked,
  vectors: ReadonlyMap<FieldRef, Vector>,
  taken: Set<Vector>,
): Pick<Evaluated, 'columns' | 'lease'> {
  const views = new Map<FieldRef, Vector>();
  const view = ({ value, space }: LazyColumn, ref = value.ref): Vector => {
    const known = views.get(ref);
    if (known !== undefined) return known;
    const made =
      ref.node.kind === 'source' ? handOut(ref.node, ref.index, space.length) : take(vectors.get(ref), taken);
    views.set(ref, made);
    return made;
  };
  const made = columns.map((c) => {
    const { data, length } = view(c);
    const validity = c.valid === null ? null : view(c, c.valid.ref).data;
    const isNeeded = validity instanceof Uint8Array && validity.includes(0);
    return { dtype: c.dtype, length, data, validity: isNeeded ? validity : null, dictionary: c.dictionary };
  });
  const lengths = new Set(made.map((c) => c.length));
  if (lengths.size > 1) refuse(site, 'W8005', `the columns have different lengths: ${[...lengths].join(', ')}`);
  const kept = new Set(made.flatMap((c): (TypedArray | null)[] => [c.data, c.validity]));
  const held: Vector[] = [];
  for (const v of views.values()) {
    if (kept.has(v.data)) held.push(v);
    else v.home?.release(v.data);
  }
  return { columns: made, lease: new Lease(held) };
}

/** Data that are here already. */
function handOut({ lease, columns, origin }: SourceNode, index: number, rows: number | null): Vector {
  lease.check(origin);
  const data = columns[index]?.data;
  invariant(data !== undefined, () => 'a requested column is not in its source');
  return { ...lease.share(data), length: rows ?? data.length };
}

/** A computed vector: for the first who takes it as it is, then with another view. */
function take(found: Vector | undefined, taken: Set<Vector>): Vector {
  invariant(found !== undefined, () => 'a requested vector is not in the result');
  const data = taken.has(found) ? (found.home?.heap.share(found.data) ?? found.data) : found.data;
  taken.add(found);
  return { ...found, data };
}

/** Scalar roots are value and, for those that may be missing, validity. */
function pairUp(scalars: readonly Operand[], values: readonly ScalarValue[]): (ScalarValue | null)[] {
  let at = 0;
  return scalars.map((s) => {
    const value = values[at++] ?? null;
    return s.valid !== null && values[at++] !== true ? null : value;
  });
}

function memberOf(emitted: Emitted, value: Value, member: number): Value {
  if (!emitted.isStruct) return value;
  invariant(typeof value === 'object' && value.kind === 'struct', () => 'the result is not the struct it should be');
  const found = value.fields[member];
  invariant(found !== undefined, () => `the result has no member ${member}`);
  return found;
}

function vectorOf(emitted: Emitted, value: Value, field: number): Omit<Vector, 'home'> {
  const at = emitted.fields[field];
  invariant(at !== undefined, () => 'a root without a place');
  const vector = memberOf(emitted, value, at.member);
  invariant(typeof vector === 'object' && vector.kind === 'vec', () => 'a vector was expected in the result');
  return { data: leafData(vector, at.leaf), length: vector.length };
}

function leafData(vector: VecValue, leaf: number): TypedArray {
  const data = vector.cols[leaf];
  invariant(data !== undefined, () => `the result's vector has no leaf ${leaf}`);
  return data.length === vector.length ? data : data.subarray(0, vector.length);
}

function scalarOf(value: Value): ScalarValue {
  invariant(typeof value !== 'object', () => 'a scalar was expected in the result');
  return value;
}
