/**
 * The forms: reserved words that are written like calls, with the number of arguments that each takes. One table for
 * the grammar (arity), the printer and inference.
 */

import type { UnOp } from '../core/op.ts';
import { SCALAR_KINDS, type ScalarKind } from '../core/types.ts';

/** Unary maths: the word is the operation. */
export const MATHS = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'sqrt',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'erf',
  'erfc',
  'normcdf',
  'floor',
  'ceil',
  'round',
  'trunc',
] as const satisfies readonly UnOp[];
export type MathWord = (typeof MATHS)[number];

/** Words of fixed meaning, with what they take; a number of arguments that may vary is a list of numbers. */
const FIXED = {
  min: [2],
  max: [2],
  pow: [2],
  atan2: [2],
  select: [3],
  if: [3],
  len: [1],
  lookup: [2],
  optlookup: [2],
  keyexists: [2],
  slice: [3],
  tovec: [1],
  sort: [2, 3],
  iterate: [2],
  assert: [1],
  serialize: [1],
  deserialize: [1],
  broadcast: [1],
  merge: [2],
  result: [1],
  for: [3],
  iter: [1, 4],
  simditer: [1, 4],
  fringeiter: [1, 4],
  nditer: [6],
  rangeiter: [3],
} as const;
export type FixedWord = keyof typeof FIXED;

export type FormWord = FixedWord | MathWord | ScalarKind | 'zip';

/** The numbers of arguments that a form may have; `zip` takes one or more. */
export function aritiesOf(word: FormWord): readonly number[] | null {
  if (word === 'zip') return null;
  return isFixed(word) ? FIXED[word] : [1];
}
/** Why a form does not take that many arguments, or null when it does. */
export function arityProblem(word: FormWord, found: number): string | null {
  const takes = aritiesOf(word);
  if (takes === null ? found > 0 : takes.includes(found)) return null;
  const wanted = takes === null ? 'one or more' : takes.join(' or ');
  return `${word} takes ${wanted} argument${wanted === '1' ? '' : 's'}, found ${found}`;
}
const isFixed = (word: string): word is FixedWord => word in FIXED;

/** Every form. */
export const FORM_WORDS: readonly string[] = [...Object.keys(FIXED), ...MATHS, ...SCALAR_KINDS, 'zip'];
const WORDS: ReadonlySet<string> = new Set(FORM_WORDS);
export const isForm = (word: string): word is FormWord => WORDS.has(word);
export const isMath = (word: FormWord): word is MathWord => MATHS.some((m) => m === word);
export const isCast = (word: FormWord): word is ScalarKind => SCALAR_KINDS.some((k) => k === word);
/** The words that say what a loop walks. */
export type IterWord = 'iter' | 'simditer' | 'fringeiter' | 'nditer' | 'rangeiter';
export const isIterWord = (word: FormWord): word is IterWord => word.endsWith('iter');
