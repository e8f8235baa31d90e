/**
 * The inputs of a claim, declared by their bits, so that a counterexample can be read back bit for bit.
 *
 * A float is declared in three parts: sign, exponent and mantissa. What is known of a part is then written into it and
 * not asserted of it: the negation of an input flips the bit of the sign and keeps the other two, and the sign and the
 * mantissa of a power of two are constants. Both sides of a claim are then made of the same circuits, which is what makes proofs about
 * 64-bit division a matter of seconds.
 */

import type { ScalarValue } from '../../core/scalar.ts';
import { isFloatKind, type ScalarKind } from '../../core/types.ts';
import { bitsOf, smtSort, type Term, valueOfBits } from './smtlib.ts';

/** An input of a claim, by the name of a variable; kind null is a value of any type. */
export interface Input {
  readonly name: string;
  readonly kind: ScalarKind | null;
}

/** Bits that the solver chooses, from the most significant part down. */
interface Part {
  readonly term: Term;
  readonly width: number;
}

function partsOf({ name, kind }: Input): readonly Part[] {
  if (kind === null) return [];
  if (!isFloatKind(kind)) return [{ term: `${name}.bits`, width: bitsOf(kind) }];
  const [exponent, mantissa] = kind === 'f32' ? [8, 23] : [11, 52];
  return [
    { term: `${name}.sign`, width: 1 },
    { term: `${name}.exponent`, width: exponent },
    { term: `${name}.mantissa`, width: mantissa },
  ];
}

/** What is known of a float: it is a power of two of this sign, normal and with a normal inverse. */
export type Power2 = '+' | '-';

/** Commands that declare an input. */
export function declare(input: Input, power2: Power2 | null): readonly string[] {
  const { name, kind } = input;
  if (kind === null) return [`(declare-const ${name} Any)`];
  const known = (term: Term): number | null => {
    if (power2 === null) return null;
    return term.endsWith('.mantissa') ? 0 : term.endsWith('.sign') ? (power2 === '+' ? 0 : 1) : null;
  };
  const lines = partsOf(input).map(({ term, width }) =>
    known(term) === null
      ? `(declare-const ${term} (_ BitVec ${width}))`
      : `(define-fun ${term} () (_ BitVec ${width}) (_ bv${known(term)} ${width}))`,
  );
  lines.push(`(define-fun ${name} () ${smtSort(kind)} ${valueTerm(name, kind)})`);
  if (power2 !== null) {
    const width = kind === 'f32' ? 8 : 11;
    const exponent = `${name}.exponent`;
    lines.push(
      `(assert (and (bvule (_ bv1 ${width}) ${exponent}) (bvule ${exponent} (_ bv${2 ** width - 3} ${width}))))`,
    );
  }
  return lines;
}
function valueTerm(name: string, kind: ScalarKind): Term {
  if (isFloatKind(kind)) return `(fp ${name}.sign ${name}.exponent ${name}.mantissa)`;
  return kind === 'bool' ? `(= ${name}.bits #b1)` : `${name}.bits`;
}

/** The negation of a float input: the same bits with the other sign (of a NaN, a NaN). */
export const negated = (name: string): Term => `(fp (bvnot ${name}.sign) ${name}.exponent ${name}.mantissa)`;

/**
 * The value of an input, from the values of its parts; null for one of any type. A part that the solver leaves open may
 * be anything, so it is 0.
 */
export function inputValue(input: Input, valueOfTerm: (t: Term) => bigint | null): ScalarValue | null {
  if (input.kind === null) return null;
  let bits = 0n;
  for (const { term, width } of partsOf(input)) bits = (bits << BigInt(width)) | (valueOfTerm(term) ?? 0n);
  return valueOfBits(input.kind, bits);
}
