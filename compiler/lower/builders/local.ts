/**
 * Builders whose life is one iteration of the outer loop. What they are made of is in variables: the leaves of a merger,
 * the length and the places of an appender or vecmerger, a whole table. Memory is of the region of the part.
 */

import { identityOf } from '../../core/scalar.ts';
import type { AppenderType, BuilderType, MergerType, Type, VecMergerType } from '../../core/types.ts';
import { bin, type Get, lit } from '../../sir/build.ts';
import { checkedIndex } from '../access.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import { allocColumns, copyColumns, type Growing, makeRoom, storeRow } from '../memory.ts';
import type { Sink } from '../sink.ts';
import { type KVal, valueOfLeaves } from '../values.ts';
import { localDictmerger, localGroupmerger } from './local-table.ts';

/** A builder of type `ty` that begins here; `arg` is its initial value or vector, or a hint. */
export function localSink(ty: BuilderType, arg: KVal | null, cx: LoopContext): Sink {
  switch (ty.kind) {
    case 'merger':
      return localMerger(ty, arg, cx);
    case 'appender':
      return localAppender(ty, cx);
    case 'vecmerger':
      return localVecmerger(ty, arg ?? unsupported('a vecmerger without vector', cx.origin), cx);
    case 'dictmerger':
      return localDictmerger(ty, cx);
    case 'groupmerger':
      return localGroupmerger(ty, cx);
    default:
      return ty satisfies never;
  }
}

function localMerger(ty: MergerType, init: KVal | null, cx: LoopContext): Sink {
  const { kb } = cx;
  const kinds = leavesOf(ty.elem, cx.origin);
  const start = init === null ? kinds.map((k) => lit(k, identityOf(ty.op, k))) : leafExprs(init, cx);
  const vars = start.map((e) => kb.var(e));
  return {
    ty,
    outputs: [],
    keepsMemory: false,
    merge(value) {
      for (const [k, e] of leafExprs(value, cx).entries()) {
        const cell = vars[k];
        if (cell !== undefined) kb.set(cell, bin(ty.op, cell, e));
      }
    },
    local: { vars, result: () => valueOfVars(ty.elem, vars, cx) },
  };
}

function valueOfVars(t: Type, vars: readonly Get[], cx: LoopContext): KVal {
  let k = 0;
  return valueOfLeaves(t, () => vars[k++] ?? unsupported('this builder', cx.origin));
}

function localAppender(ty: AppenderType, cx: LoopContext): Sink {
  const { kb } = cx;
  const { elem } = ty;
  const zero = lit('i32', 0);
  const [length, capacity] = [kb.var(zero), kb.var(zero)];
  const places = leavesOf(elem, cx.origin).map(() => kb.var(zero));
  const v: Growing = { length, capacity, places };
  return {
    ty,
    outputs: [],
    keepsMemory: true,
    merge(value) {
      const row = leafExprs(value, cx);
      const next = kb.let(bin('+', length, lit('i32', 1)));
      makeRoom(elem, v, next, cx);
      storeRow(elem, places, length, row, cx);
      kb.set(length, next);
    },
    local: {
      vars: [length, capacity, ...places],
      result: () => ({ v: 'view', elem, length, places }),
      reserve(rows) {
        makeRoom(elem, v, kb.let(bin('+', length, rows)), cx);
      },
    },
  };
}

function localVecmerger(ty: VecMergerType, init: KVal, cx: LoopContext): Sink {
  const { kb } = cx;
  const { elem, op } = ty;
  const kinds = leavesOf(elem, cx.origin);
  const [n = lit('i32', 0), ...from] = leafExprs(init, cx);
  const length = kb.var(n);
  const places = allocColumns(elem, length, cx).map((place) => kb.var(place));
  copyColumns(elem, from, places, length, cx);
  return {
    ty,
    outputs: [],
    keepsMemory: true,
    merge(pair) {
      const [index, value] = pair.v === 'struct' ? pair.fields : [];
      if (index === undefined || value === undefined) return unsupported('this merge', cx.origin);
      const at = checkedIndex(index, length, cx);
      for (const [k, e] of leafExprs(value, cx).entries()) {
        const [kind, place] = [kinds[k], places[k]];
        if (kind === undefined || place === undefined) continue;
        const [memory, where] = [cx.memory(kind), kb.let(bin('+', place, at))];
        kb.store(memory, where, bin(op, kb.load(memory, where), e));
      }
    },
    local: { vars: [length, ...places], result: () => ({ v: 'view', elem, length, places }) },
  };
}
