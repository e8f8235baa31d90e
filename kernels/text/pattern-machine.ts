/** Comparing bytes with a pattern, sixteen at a time. */

import { bin, cmp, type Get, type KernelBuilder, type SExpr, whole } from '../../compiler/kernels.ts';
import type { Machine } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { newBytes } from './strings.ts';

/** A pattern in memory of kernels, with a register's bytes at least. */
export function patternBuffer(pattern: Uint8Array, m: Machine): Uint8Array {
  const buffer = newBytes('u8', Math.max(16, pattern.length), m.alloc);
  buffer.fill(0);
  buffer.set(pattern);
  return buffer;
}

export interface Comparison {
  readonly bytes: number;
  /** Made by `patternBuffer`. */
  readonly pattern: number;
  readonly length: Get;
  /** Has the pattern more than sixteen bytes? */
  readonly long: boolean;
}

/** Are the bytes from a place on those of the pattern? What the question needs anew is put before the loop it is called in. */
export function isPatternAt(k: KernelBuilder, c: Comparison): (place: Get) => SExpr {
  const head = k.load(c.pattern, num(0), 16);
  const same = (place: Get, pattern: Get): SExpr => whole('bits', cmp('==', k.load(c.bytes, place, 16), pattern));
  const all = num(0xffff);
  if (!c.long) {
    const asked = k.let(minus(bin('<<', num(1), c.length), 1));
    return (place) => cmp('==', bin('&', same(place, head), asked), asked);
  }
  const rest = k.let(minus(c.length, 16));
  return (place) => {
    const found = k.var(cmp('==', same(place, head), all));
    // The last step is moved back to end with the pattern.
    const at = k.var(num(0));
    k.while(bin('&', found, cmp('<', at, rest)), () => {
      k.set(at, bin('min', plus(at, 16), rest));
      k.set(found, cmp('==', same(k.let(plus(place, at)), k.load(c.pattern, at, 16)), all));
    });
    return found;
  };
}
