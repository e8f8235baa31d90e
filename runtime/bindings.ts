/**
 * What the parameters of a kernel are bound to: columns, tables of dictionaries and the memory of outputs for buffers;
 * values, lengths and sizes for scalars.
 */

import {
  type BufBinding,
  type HostAtom,
  invariant,
  isBigKind,
  type Kernel,
  type ScalarBinding,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
  type TypedArray,
  type Value,
} from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import type { BufferArg } from './device.ts';
import { Holds, slotsOf } from './inside.ts';
import { type Loop, type OutputState, shared, strideOf, wholeMemory } from './outputs/output.ts';
import { asBig, asDict, asScalar, asVec, leafKinds } from './value.ts';

/** Where bindings find what they name. */
export interface Scope {
  readonly arena: Arena;
  /** The value of an operand. */
  value(a: HostAtom): Value;
}

/** All buffer parameters of a kernel. */
export function buffersOf(
  kernel: Kernel,
  bufs: readonly BufBinding[],
  states: readonly OutputState[],
  loop: Loop,
  cx: Scope,
): readonly BufferArg[] {
  invariant(bufs.length === kernel.bufs.length, () => `launch: ${kernel.name} has unbound buffers`);
  return bufs.map((b, k) => bufferOf(b, kernel.bufs[k]?.elem ?? 'u8', states, loop, cx));
}

/** What a buffer parameter is bound to. */
export function bufferOf(
  b: BufBinding,
  elem: ScalarKind,
  states: readonly OutputState[],
  loop: Loop,
  cx: Scope,
): BufferArg {
  switch (b.bind) {
    case 'memory':
      return wholeMemory(b.kind);
    case 'region':
      invariant(loop.region !== null, () => 'launch: a kernel without region asks for one');
      return loop.region;
    case 'scratch': {
      const stride = strideOf(b.length * scalarBytes(elem));
      return { mem: cx.arena.alloc('u8', loop.parts * stride), stride };
    }
    case 'column': {
      const v = asVec(cx.value(b.vec));
      return uploaded(leafKinds(v.elem)[b.leaf], v.cols[b.leaf], cx);
    }
    case 'slots':
      return uploaded('i32', slotsOf(asDict(cx.value(b.dict)), b.form), cx);
    case 'places': {
      const { near, slots } = asDict(cx.value(b.dict));
      return uploaded('i32', near?.places ?? slots, cx);
    }
    case 'entry': {
      const d = asDict(cx.value(b.dict));
      return uploaded([...leafKinds(d.key), ...leafKinds(d.value)][b.leaf], d.entries[b.leaf], cx);
    }
    case 'output': {
      const found = states[b.output]?.buffers[b.leaf];
      invariant(found !== undefined, () => `launch: output ${b.output} has no buffer ${b.leaf}`);
      return found;
    }
    default:
      return b satisfies never;
  }
}

function uploaded(kind: ScalarKind | undefined, column: TypedArray | undefined, cx: Scope): BufferArg {
  invariant(kind !== undefined && column !== undefined, () => 'launch: a column that does not exist');
  return shared(cx.arena.device.upload(kind, column));
}

/** The place of a column of a vector, or of an entry column or the slots of a dictionary; `holds` notes what it lies in. */
export function placeOf(of: HostAtom, leaf: number, holds: Holds, cx: Scope): number {
  const v = cx.value(of);
  if (typeof v === 'object' && v.kind === 'dict') {
    const kind = [...leafKinds(v.key), ...leafKinds(v.value)][leaf];
    return kind === undefined ? holds.place('i32', slotsOf(v, 'hashed')) : holds.place(kind, v.entries[leaf]);
  }
  const { elem, cols } = asVec(v);
  const kind = leafKinds(elem)[leaf];
  invariant(kind !== undefined, () => 'launch: the place of a column that does not exist');
  return holds.place(kind, cols[leaf]);
}

const sizeOf = (v: Value): number => (typeof v === 'object' && v.kind === 'dict' ? v.count : asVec(v).length);

/** The least value of a leaf, in the kind of the parameter: of a u32 the same bits. */
export const lowOf = (low: number, kind: ScalarKind): ScalarValue => (isBigKind(kind) ? BigInt(low) : low | 0);

/** What a scalar parameter is bound to. */
export function scalarOf(s: ScalarBinding, kind: ScalarKind, states: readonly OutputState[], cx: Scope): ScalarValue {
  // Lengths and sizes are JavaScript numbers; a kernel may want them as i32 or i64.
  const count = (n: number): ScalarValue => (isBigKind(kind) ? BigInt(n) : n);
  switch (s.bind) {
    case 'scalar':
      return asScalar(cx.value(s.value));
    case 'bound':
      return Number(BigInt.asIntN(32, asBig(cx.value(s.value))));
    case 'length':
      return count(sizeOf(cx.value(s.vec)));
    case 'place':
      return placeOf(s.of, s.leaf, new Holds(cx.arena.device), cx);
    case 'slotmask':
      return count(slotsOf(asDict(cx.value(s.dict)), s.form).length - 1);
    case 'low':
      return lowOf(asDict(cx.value(s.dict)).near?.lows[s.leaf] ?? 0, kind);
    case 'span':
      return count(asDict(cx.value(s.dict)).near?.spans[s.leaf] ?? 0);
    case 'outlow':
      return lowOf(states[s.output]?.near?.lows[s.leaf] ?? 0, kind);
    case 'outspan':
      return count(states[s.output]?.near?.spans[s.leaf] ?? 0);
    case 'outhashed':
      return count(states[s.output]?.hashed ?? 0);
    case 'capacity':
    case 'tablelength':
      return count(states[s.output]?.capacity ?? 0);
    case 'outmask':
      return count((states[s.output]?.slots ?? 0) - 1);
    default:
      return s satisfies never;
  }
}
