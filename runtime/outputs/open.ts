/** The outputs of a launch with the rules of their kinds and the values that they start from and are sized by. */

import {
  type Amount,
  amountValue,
  type HostAtom,
  type HostReg,
  invariant,
  type Output,
  type Value,
} from '../../compiler/index.ts';
import type { Scope } from '../bindings.ts';
import type { Failure, LaunchReport, Soon } from '../device.ts';
import { asBig, asVec } from '../value.ts';
import { dictionary } from './dict.ts';
import { grow } from './grow.ts';
import type { SeenKeys } from './near.ts';
import type { Loop, OutputRule, OutputSize, OutputState, Seen } from './output.ts';
import { partitioned } from './partitioned.ts';
import { reduce } from './reduce.ts';
import { compact, direct } from './rows.ts';
import { table } from './table.ts';

/** An output with its rule and the values that it starts from. */
export interface OpenOutput {
  readonly out: Output;
  readonly dst: HostReg;
  readonly learns: boolean;
  size(rows: number, seen: Seen): OutputSize;
  init(size: OutputSize | undefined, loop: Loop, counts: readonly number[] | null): Soon<OutputState>;
  entries(state: OutputState | undefined, loop: Loop): Soon<number>;
  keys(state: OutputState | undefined, part: number, rows: number, loop: Loop): Soon<SeenKeys | null>;
  readonly lacking: ((state: OutputState | undefined, loop: Loop) => Soon<readonly number[] | null>) | null;
  /** Null for an output that keeps the state of all parts. */
  readonly take:
    | ((state: OutputState | undefined, first: number, end: number, loop: Loop) => Promise<Failure | null>)
    | null;
  result(state: OutputState | undefined, report: LaunchReport, loop: Loop): Soon<Value>;
}

export function openOutput(out: Output, cx: Scope): OpenOutput {
  switch (out.out) {
    case 'reduce':
      return tie(reduce, out, null, cx);
    case 'direct':
      return tie(direct, out, null, cx);
    case 'compact':
      return tie(compact, out, null, cx);
    case 'grow':
      return tie(grow, out, perRow(out.most, cx), cx);
    case 'table':
      return tie(table, out, valueAt(out.init, cx), cx);
    case 'dict':
      return tie(dictionary, out, valueAt(out.size, cx), cx);
    case 'partitioned':
      return tie(partitioned, out, null, cx);
    default:
      return out satisfies never;
  }
}

const valueAt = (a: HostAtom | null, cx: Scope): Value | null => (a === null ? null : cx.value(a));

/** How many merges a row makes. */
function perRow(most: Amount<HostAtom> | null, cx: Scope): number | null {
  if (most === null) return null;
  return amountValue(
    most,
    (v) => asVec(cx.value(v)).length,
    (a) => asBig(cx.value(a)),
  );
}

/** `size` says how large a part's state is. */
function tie<O extends Output>(rule: OutputRule<O>, out: O, size: Value | null, cx: Scope): OpenOutput {
  const start = valueAt(out.init, cx);
  const { lacking, take } = rule;
  const present = <T>(x: T | undefined): T => {
    invariant(x !== undefined, () => 'launch: an output without state');
    return x;
  };
  return {
    out,
    dst: out.dst,
    learns: rule.learns?.(out, size) ?? false,
    size: (rows, seen) => rule.size(out, size, rows, seen),
    init: (s, loop, counts) => rule.init(out, present(s), start, loop, counts),
    entries: (state, loop) => rule.entries?.(out, present(state), loop) ?? 0,
    keys: (state, part, rows, loop) => rule.keys?.(out, present(state), part, rows, loop) ?? null,
    lacking: lacking === undefined ? null : (state, loop) => lacking(out, present(state), loop),
    take: take === undefined ? null : (state, first, end, loop) => take(out, present(state), first, end, loop),
    result: (state, report, loop) => rule.result(out, present(state), report, start, loop),
  };
}
