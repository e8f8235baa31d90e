/**
 * Extern functions: what `cudf[name,T](args)` calls. A program is held against the table of a session before it runs:
 * every name must be registered, every call have the types that the function says it has.
 *
 *     const clip = extern('clip', [F64], F64, (x: number) => Math.min(x, 1), { pure: true });
 *     const program = resolveExterns(parsed, new Map([[clip.name, clip]]));
 *
 * Functions are foreign code. Whatever one throws, and whatever it gives that is not of its type, ends the run as
 * W6008 that names it: never as a bare error of the engine.
 */

import { type Diagnostic, diagnostic, fail, InternalError, type Origin, WeldError } from '../diag/diagnostic.ts';
import { suggest } from '../diag/suggest.ts';
import { fromColumns, plainMemory, toColumns } from './convert.ts';
import { copyTo, type ExternValue, forFunction, inPlace, readValue } from './extern-value.ts';
import type { IValue } from './ivalue.ts';
import type { Annotations, Block, Let, OpOf } from './op.ts';
import type { Program, SymTab } from './program.ts';
import { blocksOf, mapOp } from './shape.ts';
import { hasSimd, hasUnknown, isBuilder, partsOf, type Type, typeText } from './types.ts';
import { checkType } from './typing.ts';
import type { PrimSpec, PrimTable } from './value.ts';

/** A function of JavaScript that a program calls. The parameters may be narrower: they have the declared types. */
export type ExternFunction = { call(...args: readonly ExternValue[]): ExternValue }['call'];

export interface ExternOptions {
  /** True when the result depends on the arguments only and nothing else happens. */
  readonly pure: boolean;
  readonly doc?: string;
}

/**
 * Declares a function of fixed types. `run` takes scalars in Core's encoding (i64 and u64 bigint), vectors of scalars as
 * typed arrays that it must not write, structs and other vectors columnar, and gives the same for `result`.
 */
export function extern(
  name: string,
  params: readonly Type[],
  result: Type,
  run: ExternFunction,
  options: ExternOptions,
): PrimSpec {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    fail('W8006', `'${name}' cannot be the name of an extern`, { help: 'use letters, digits, _ and $' });
  }
  for (const t of [...params, result]) checkBorder(name, t);
  const takes = signature(params);
  return {
    name,
    doc: options.doc ?? `${name}${takes}: ${typeText(result)}`,
    pure: options.pure,
    typing(args) {
      const fits = args.length === params.length && args.every((t, k) => t === params[k]);
      return fits ? result : `${name} takes ${takes}, found ${signature(args)}`;
    },
    run(args, alloc) {
      const given = params.map((t, k) => forFunction(t, args[k] ?? 0));
      let value: unknown;
      try {
        value = run(...given);
      } catch (e) {
        throw failed(name, e);
      }
      return readValue(result, value, { name, arrays: true, alloc, place: copyTo(alloc) });
    },
  };
}

function checkBorder(name: string, t: Type): void {
  checkType(t);
  const unfit = (x: Type): boolean => isBuilder(x) || partsOf(x).some(unfit);
  if (unfit(t) || hasUnknown(t) || hasSimd(t)) {
    fail('W8006', `the extern ${name} takes and gives values, not ${typeText(t)}`);
  }
}
const signature = (types: readonly Type[]): string => `(${types.map(typeText).join(', ')})`;

/**
 * Checks every `cudf` of a program, inner blocks included, against the table: W2007 for a name that is not there, W2002
 * and W2001 for types that do not fit, all of them in one error. Calls of functions that are not pure come back noted
 * `pure:false`, those of functions that give an order `topk:..`. The same program comes back when nothing changes.
 */
export function resolveExterns(p: Program, prims: PrimTable): Program {
  const found: Diagnostic[] = [];
  const body = resolveBlock(p.body, p.syms, prims, found);
  const [first, ...rest] = found;
  if (first !== undefined) throw new WeldError([first, ...rest]);
  return body === p.body ? p : { syms: p.syms, body };
}

function resolveBlock(b: Block, syms: SymTab, prims: PrimTable, found: Diagnostic[]): Block {
  let changed = false;
  const lets = b.lets.map((l): Let => {
    const op = l.op.kind === 'cudf' ? resolveCall(l.op, syms, syms.origin(l.sym), prims, found) : null;
    if (op !== null) {
      changed ||= op !== l.op;
      return op === l.op ? l : { sym: l.sym, op };
    }
    const blocks = blocksOf(l.op);
    if (blocks.length === 0) return l;
    const inner = blocks.map((blk) => resolveBlock(blk, syms, prims, found));
    if (inner.every((blk, k) => blk === blocks[k])) return l;
    changed = true;
    let k = 0;
    return {
      sym: l.sym,
      op: mapOp(
        l.op,
        (a) => a,
        (blk) => inner[k++] ?? blk,
      ),
    };
  });
  return changed ? { params: b.params, lets, result: b.result } : b;
}

function resolveCall(
  op: OpOf<'cudf'>,
  syms: SymTab,
  origin: Origin | null,
  prims: PrimTable,
  found: Diagnostic[],
): OpOf<'cudf'> {
  try {
    const prim = checkCall(op, syms, origin, prims);
    const notes: Record<string, Annotations[string]> = {};
    if (!prim.pure) notes['pure'] = false;
    else if (prim.topk !== undefined && prims.has(prim.topk)) notes['topk'] = prim.topk;
    const known = Object.entries(notes).every(([name, value]) => op.notes[name] === value);
    return known ? op : { ...op, notes: { ...op.notes, ...notes } };
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    found.push(...e.diagnostics);
    return op;
  }
}

/** The function that a call means, when it is registered and the types fit. */
export function checkCall(op: OpOf<'cudf'>, syms: SymTab, origin: Origin | null, prims: PrimTable): PrimSpec {
  const prim = prims.get(op.name);
  if (prim === undefined) return unknownExtern(op.name, [...prims.keys()], origin);
  const typed = guarded(prim.name, () => prim.typing(op.args.map((a) => syms.typeOf(a))));
  if (typeof typed === 'string') return fail('W2002', typed, { origin });
  if (typed !== op.ty) {
    const message = `the extern ${op.name} gives ${typeText(typed)}, the call says ${typeText(op.ty)}`;
    fail('W2001', message, { origin, help: `write cudf[${op.name},${typeText(typed)}](..)` });
  }
  return prim;
}

function unknownExtern(name: string, names: readonly string[], origin: Origin | null): never {
  const near = suggest(name, names);
  return fail('W2007', `no extern function is called ${name}`, {
    origin,
    notes: [registered(names)],
    help: near === null ? 'register it with the session' : `did you mean '${near}'?`,
  });
}

function registered(names: readonly string[]): string {
  if (names.length === 0) return 'none is registered';
  const rest = names.length - MOST_NAMES;
  return `registered: ${names.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
const MOST_NAMES = 12;

/** Calls a function on interpreter values, through columns. */
export function callExtern(prim: PrimSpec, op: OpOf<'cudf'>, params: readonly Type[], args: readonly IValue[]): IValue {
  const columns = args.map((v, k) => toColumns(params[k] ?? op.ty, v, plainMemory));
  const value = guarded(prim.name, () => prim.run(columns, plainMemory));
  const reading = { name: prim.name, arrays: false, alloc: plainMemory, place: inPlace };
  return fromColumns(op.ty, readValue(op.ty, value, reading));
}

/** Runs foreign code. Errors of ours, which primitives of ours raise, pass as they are. */
function guarded<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (e instanceof WeldError || e instanceof InternalError) throw e;
    throw failed(name, e);
  }
}

function failed(name: string, cause: unknown): WeldError {
  const thrown =
    cause instanceof Error
      ? `it threw ${cause.name}: ${cause.message}`
      : `it threw ${typeof cause === 'string' ? cause : `a value of type ${typeof cause}`}`;
  return new WeldError([diagnostic('W6008', `the extern ${name} failed`, { notes: [thrown] })], { cause });
}
