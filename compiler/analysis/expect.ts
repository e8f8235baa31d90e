/**
 * What is expected of values that are not known before a program runs: how long a vector is, how many entries a
 * dictionary has, how often a builder is merged into, how likely a condition holds. All of it follows from a few
 * constants and the program text, so one program always gives one estimate.
 *
 *     x: vec[f64]                                           a parameter: ROWS elements
 *     result(for(x, appender[f64], |b,i,e| merge(b, e)))    ROWS elements
 *     result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, e), b)))      HALF as many
 *
 * Nothing here is a promise: `bytes.ts` uses it to compare a program with what the passes made of it, and both are
 * measured with the same constants.
 */

import type { BinOp, Lit } from '../core/op.ts';
import { isBuilder, type Type } from '../core/types.ts';

/** Elements of a vector that the program is given, and rounds of an outer loop whose bounds are not known. */
export const ROWS = 1_000_000;
/** Elements of a vector inside another value, and rounds of an inner loop whose bounds are not known. */
export const INNER_ROWS = 10;
/** Entries of a dictionary, if so many elements are merged into it. */
export const ENTRIES = 1_000;
/** How likely a condition holds of which nothing is known: the selectivity of a filter. */
export const HALF = 0.5;
/** Rounds of an `iterate`. */
export const ITERATIONS = 10;

/** The expectation of a value. */
export type Guess =
  /** The mean of a number, or how likely a bool is true; null: nothing is known. */
  | { readonly kind: 'number'; readonly mean: number | null }
  | { readonly kind: 'vec'; readonly length: number; readonly elem: Guess }
  | { readonly kind: 'dict'; readonly entries: number; readonly key: Guess; readonly value: Guess }
  | { readonly kind: 'struct'; readonly fields: readonly Guess[] }
  /** `elem` is what was merged last, null before the first merge; `base` is what the builder started with. */
  | { readonly kind: 'builder'; readonly merges: number; readonly elem: Guess | null; readonly base: Guess | null };

export const number = (mean: number | null): Guess => ({ kind: 'number', mean });
export const UNKNOWN: Guess = number(null);

/** A value of which only the type is known. */
export function unknownOf(t: Type, rows = INNER_ROWS): Guess {
  if (isBuilder(t)) return { kind: 'builder', merges: 0, elem: null, base: null };
  switch (t.kind) {
    case 'vec':
      return { kind: 'vec', length: rows, elem: unknownOf(t.elem) };
    case 'dict':
      return { kind: 'dict', entries: ENTRIES, key: unknownOf(t.key), value: unknownOf(t.value) };
    case 'struct':
      return { kind: 'struct', fields: t.fields.map((f) => unknownOf(f, rows)) };
    default:
      return UNKNOWN;
  }
}

/** A literal; NaN and infinities are no lengths. */
export function literal({ lit }: Lit): Guess {
  const value = Number(lit);
  return Number.isFinite(value) ? number(value) : UNKNOWN;
}

export const meanOf = (g: Guess): number | null => (g.kind === 'number' ? g.mean : null);
/** How likely a bool is true. */
export const shareOf = (g: Guess): number => clamp(meanOf(g) ?? HALF, 0, 1);
export const lengthOf = (g: Guess): number => (g.kind === 'vec' ? g.length : 0);
export const entriesOf = (g: Guess): number => (g.kind === 'dict' ? g.entries : 0);
export const elemOf = (g: Guess): Guess => (g.kind === 'vec' ? g.elem : UNKNOWN);
export const fieldOf = (g: Guess, k: number): Guess => (g.kind === 'struct' ? (g.fields[k] ?? UNKNOWN) : UNKNOWN);
export const clamp = (x: number, lo: number, hi: number): number => Math.min(Math.max(x, lo), hi);

/** An operation on two scalars. Conditions are taken to be independent. */
export function binary(op: BinOp, x: Guess, y: Guess): Guess {
  if (op === '&&') return number(shareOf(x) * shareOf(y));
  if (op === '||') return number(1 - (1 - shareOf(x)) * (1 - shareOf(y)));
  const [a, b] = [meanOf(x), meanOf(y)];
  if (a === null || b === null) return UNKNOWN;
  switch (op) {
    case '+':
      return number(a + b);
    case '-':
      return number(a - b);
    case '*':
      return number(a * b);
    case '/':
      return b === 0 ? UNKNOWN : number(a / b);
    case 'min':
      return number(Math.min(a, b));
    case 'max':
      return number(Math.max(a, b));
    default:
      return UNKNOWN;
  }
}

/** One of two values: the first in `share` of the cases. */
export function mix(share: number, x: Guess, y: Guess): Guess {
  const both = (a: number, b: number): number => share * a + (1 - share) * b;
  if (x.kind === 'struct' && y.kind === 'struct') {
    return { kind: 'struct', fields: x.fields.map((f, k) => mix(share, f, fieldOf(y, k))) };
  }
  if (x.kind === 'vec' && y.kind === 'vec') {
    return { kind: 'vec', length: both(x.length, y.length), elem: mix(share, x.elem, y.elem) };
  }
  if (x.kind === 'dict' && y.kind === 'dict') return { ...x, entries: both(x.entries, y.entries) };
  if (x.kind === 'builder' && y.kind === 'builder') {
    return { kind: 'builder', merges: both(x.merges, y.merges), elem: x.elem ?? y.elem, base: x.base ?? y.base };
  }
  const [a, b] = [meanOf(x), meanOf(y)];
  return a === null || b === null ? UNKNOWN : number(both(a, b));
}

/** A builder, or a struct of them, as a loop body receives it: what is merged is counted from here. */
export function untouched(g: Guess): Guess {
  if (g.kind === 'struct') return { kind: 'struct', fields: g.fields.map(untouched) };
  return g.kind === 'builder' ? { ...g, merges: 0 } : g;
}

/** A builder that went through `rounds` iterations, each of which makes `each` of an untouched one. */
export function afterRounds(start: Guess, each: Guess, rounds: number): Guess {
  if (start.kind === 'struct') {
    return { kind: 'struct', fields: start.fields.map((f, k) => afterRounds(f, fieldOf(each, k), rounds)) };
  }
  if (start.kind !== 'builder' || each.kind !== 'builder') return start;
  return { ...start, merges: start.merges + rounds * each.merges, elem: each.elem ?? start.elem };
}

/** What `result` gives. `t` is the type of the builder. */
export function resultOf(t: Type, g: Guess): Guess {
  if (t.kind === 'struct') {
    return { kind: 'struct', fields: t.fields.map((f, k) => resultOf(f, fieldOf(g, k))) };
  }
  if (!isBuilder(t) || g.kind !== 'builder') return UNKNOWN;
  switch (t.kind) {
    case 'appender':
      return { kind: 'vec', length: g.merges, elem: g.elem ?? unknownOf(t.elem) };
    case 'vecmerger':
      return { kind: 'vec', length: g.base === null ? INNER_ROWS : lengthOf(g.base), elem: unknownOf(t.elem) };
    case 'merger':
      return t.op === '+' && g.elem !== null && t.elem.kind === 'scalar'
        ? sum(g.base, g.elem, g.merges)
        : unknownOf(t.elem);
    case 'dictmerger':
      return { kind: 'dict', entries: entries(g.merges), key: unknownOf(t.key), value: unknownOf(t.value) };
    case 'groupmerger': {
      const groups = entries(g.merges);
      const value: Guess = { kind: 'vec', length: groups === 0 ? 0 : g.merges / groups, elem: unknownOf(t.value) };
      return { kind: 'dict', entries: groups, key: unknownOf(t.key), value };
    }
    default:
      return t satisfies never;
  }
}
const entries = (merges: number): number => Math.min(merges, ENTRIES);

/** A sum of `merges` values. Counts are such sums, and lengths of what is made next. */
function sum(base: Guess | null, elem: Guess, merges: number): Guess {
  const [start, mean] = [base === null ? 0 : meanOf(base), meanOf(elem)];
  return start === null || mean === null ? UNKNOWN : number(start + merges * mean);
}
