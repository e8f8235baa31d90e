/**
 * What a let of a program is an example of: its operation, operator, types, builders, iterators and literals. A
 * feature is a line such as `for`, `bin +`, `un exp`, `type u16`, `builder vecmerger`, `key vec`, `nested for`.
 */

import type { Atom, Let, Lit, OpKind, Sym } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { atomsOf } from '../core/shape.ts';
import { isBuilder, isFloatKind, isLinear, isScalar, isSignedKind, scalarBytes, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';

/** The features of each let, by its symbol. */
export function featuresOf(p: Program): ReadonlyMap<Sym, readonly string[]> {
  const found = new Map<Sym, readonly string[]>();
  const outer = new Set<Atom>();
  forEachLet(p.body, (l, depth) => {
    const { op } = l;
    if (op.kind === 'for' && op.body.params[0] !== undefined) outer.add(op.body.params[0]);
    // What comes of a builder from outside is that builder.
    if (isLinear(p.syms.type(l.sym)) && atomsOf(op).some((a) => outer.has(a))) outer.add(l.sym);
    const more = op.kind === 'for' && outer.has(op.builder) ? ['for into outer builder'] : [];
    found.set(l.sym, [...new Set([...ofOp(l, p, depth), ...ofType(p.syms.type(l.sym)), ...literals(l), ...more])]);
  });
  return found;
}

function ofOp(l: Let, p: Program, depth: number): readonly string[] {
  const { op } = l;
  const ty = p.syms.type(l.sym);
  const kindOf = (a: Atom): string => p.syms.typeOf(a).kind;
  const features: string[] = [op.kind];
  if (depth > 0) features.push(`${op.kind} inside`);
  switch (op.kind) {
    case 'bin': {
      features.push(`bin ${op.op}`);
      if (kindOf(op.a) !== 'scalar') features.push(`compare ${kindOf(op.a)}`);
      break;
    }
    case 'un':
      features.push(`un ${op.op}`);
      break;
    case 'builder':
      features.push(`builder ${op.ty.kind}`);
      if (op.arg !== null) features.push(`builder ${op.ty.kind} with arg`);
      if (Object.keys(op.notes).length > 0) features.push('builder with notes');
      if ('elem' in op.ty && op.ty.elem.kind !== 'scalar') features.push(`${op.ty.kind} of ${op.ty.elem.kind}`);
      if ('value' in op.ty && op.ty.value.kind !== 'scalar') features.push(`${op.ty.kind} of ${op.ty.value.kind}`);
      break;
    case 'merge':
      features.push(`merge ${kindOf(op.builder)}`);
      break;
    case 'lookup':
      features.push(`lookup ${kindOf(op.of)}`);
      break;
    case 'serialize':
      features.push(`serialize ${kindOf(op.of)}`);
      break;
    case 'deserialize':
      features.push(`deserialize ${op.ty.kind}`);
      break;
    case 'sort': {
      const elem = p.syms.typeOf(op.of);
      if (elem.kind === 'vec') features.push(`sort of ${elem.elem.kind}`);
      if (op.limit !== null) features.push('sort with limit');
      break;
    }
    case 'iterate':
      features.push(isLinear(ty) ? 'iterate with builder' : `iterate ${ty.kind}`);
      break;
    case 'cudf':
      features.push(op.notes['pure'] === false ? 'cudf counted' : 'cudf pure');
      break;
    case 'for':
      features.push(...op.iters.map((it) => `iter ${it.kind}`));
      if (op.iters.length > 1) features.push('zip');
      if (depth > 0) features.push('nested for');
      if (ty.kind === 'struct') features.push('for struct of builders');
      if (ty.kind === 'struct' && ty.fields.some((f) => f.kind === 'struct')) features.push('for nested builders');
      break;
    case 'if':
      if (isBuilder(ty)) features.push('if around merges');
      if (ty.kind === 'struct' && isLinear(ty)) features.push('if around struct of builders');
      break;
    default:
  }
  return features;
}

/** Features of the type of a value. */
function ofType(ty: Type): readonly string[] {
  switch (ty.kind) {
    case 'scalar':
      return [`type ${ty.scalar}`];
    case 'vec':
      return [`vec of ${ty.elem.kind}`, ...(holds(ty.elem, 'vec') ? ['vec with vec inside'] : [])];
    case 'struct':
      if (isLinear(ty)) return [];
      return [
        ty.fields.length === 0 ? 'struct empty' : 'struct value',
        ...(holds(ty, 'vec') ? ['struct with vec'] : []),
      ];
    case 'dict': {
      const key = isScalar(ty.key) ? `key ${ty.key.scalar}` : `key ${ty.key.kind}`;
      return [key, `dict of ${ty.value.kind}`];
    }
    default:
      return [];
  }
}
const holds = (t: Type, kind: Type['kind']): boolean =>
  t.kind === kind || (t.kind === 'struct' && t.fields.some((f) => holds(f, kind)));

function literals(l: Let): readonly string[] {
  const all = atomsOf(l.op).filter(isLit);
  const texts = l.op.kind === 'vec' && isScalar(l.op.elem) && l.op.elem.scalar === 'i8' && all.length > 1;
  return [
    ...all.flatMap((a) => [`literal ${a.ty.scalar}`, ...(isExtreme(a) ? [`extreme ${a.ty.scalar}`] : [])]),
    ...(texts && all.every((a) => Number(a.lit) >= 32 && Number(a.lit) < 127) ? ['string'] : []),
  ];
}

/** The largest and smallest of a kind; of floats also what is no number, and -0. */
function isExtreme({ lit, ty }: Lit): boolean {
  if (typeof lit === 'boolean') return lit;
  if (isFloatKind(ty.scalar)) return !Number.isFinite(lit) || Object.is(lit, -0);
  const bits = BigInt(8 * scalarBytes(ty.scalar));
  const [least, most] = isSignedKind(ty.scalar)
    ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]
    : [0n, (1n << bits) - 1n];
  return BigInt(lit) === most || BigInt(lit) === least;
}

/** Every kind of operation: a generator that is healthy makes and runs each. */
export const OP_KINDS: readonly OpKind[] = Object.keys({
  bin: 0,
  un: 0,
  cast: 0,
  select: 0,
  if: 0,
  struct: 0,
  field: 0,
  vec: 0,
  len: 0,
  lookup: 0,
  keyexists: 0,
  slice: 0,
  tovec: 0,
  builder: 0,
  merge: 0,
  result: 0,
  for: 0,
  cudf: 0,
  optlookup: 0,
  sort: 0,
  iterate: 0,
  assert: 0,
  serialize: 0,
  deserialize: 0,
} satisfies Record<OpKind, 0>).filter((k): k is OpKind => k.length > 0);
