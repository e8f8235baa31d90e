/**
 * Strings in another case whose characters keep their lengths: they are written where they stand, row by row.
 *
 * Sixteen bytes of ASCII and of characters of two bytes are mapped as registers. The characters that begin with one byte
 * are a table of 64 second bytes, which four swizzles look up; most texts have one or two such first bytes beside ASCII.
 * All else goes character by character. A character whose other case is longer or shorter is counted: then nothing of
 * what was written counts.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  splat,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { both, either, IOTA, minus, no, num, plus, times, yes } from '../terms.ts';
import { type Case, cased } from './cased.ts';
import { addCased, firstLetterOf, swapLetters } from './cased-machine.ts';
import { loadStart, stretchRows } from './strings-machine.ts';
import { charBytes } from './utf8-machine.ts';

/** First bytes of characters of two bytes. */
const [FIRST, LAST] = [0xc2, 0xdf];
/** Characters that begin with one byte. */
const PAGE = 64;

const pages = new Map<Case, Uint8Array>();

/** For each first byte the first bytes of the other cases, then the second ones; 0 where the other case has not two. */
export function casedPages(to: Case): Uint8Array {
  const known = pages.get(to);
  if (known !== undefined) return known;
  const made = new Uint8Array(2 * PAGE * (LAST - FIRST + 1));
  for (let n = 0; 2 * n < made.length; n++) {
    const code = cased(to, (FIRST & 0x1f) * PAGE + n);
    if (code < 0x80 || code >= 0x800) continue;
    const at = 2 * n - (n % PAGE);
    made[at] = 0xc0 | (code >> 6);
    made[at + PAGE] = 0x80 | (code & 0x3f);
  }
  pages.set(to, made);
  return made;
}

/**
 * A row of a launch is a stretch of rows. Buffers offsets, bytes, made, `casedTable` and `casedPages`; scalars rows,
 * stretch, and the first byte of all. Reduction 0 is 1 where a length changes.
 */
export const caseInPlace = once((to: Case, kind: 'i32' | 'i64'): Kernel => {
  const k = KernelBuilder.packed(`case_in_place_${to}_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const made = k.buf('made', 'u8', 'write');
  const [table, pages] = [k.buf('table', 'i32', 'read'), k.buf('pages', 'u8', 'read')];
  const [rows, stretch, base] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32'), k.scalar('base', 'i32')];
  const changes = k.reduction('changes', 'i32', 'max');
  const isChanged = k.var(no);
  const [first, last] = stretchRows(k, stretch, rows);
  const limit = loadStart(k, offsets, last);
  const at = k.var(loadStart(k, offsets, first));
  k.range(first, last, (row) => {
    const end = loadStart(k, offsets, plus(row, 1));
    k.while(both(cmp('<', at, end), cmp('==', isChanged, no)), () => {
      const register = k.load(bytes, at, 16);
      const count = k.let(bin('min', minus(end, at), num(16)));
      const pairs = pairsIn(k, register, count);
      // What is written behind the row is overwritten by the next one, but there is none behind the stretch.
      k.if(
        both(cmp('>', pairs.used, num(0)), cmp('<=', plus(at, 16), limit)),
        () => {
          const other = k.var(swapLetters(register, firstLetterOf(to)));
          const left = k.var(pairs.firsts);
          k.while(cmp('!=', left, num(0)), () => {
            const found = k.load(bytes, k.let(plus(at, un('ctz', left))));
            const page = k.let(times(minus(cast(found, 'i32'), FIRST), num(2 * PAGE)));
            const isFirst = k.let(cmp('==', register, k.let(splat(found, 16))));
            const isSecond = cmp('==', moved(register, -1), k.let(splat(found, 16)));
            k.set(other, sel(isFirst, lookUp(k, pages, page, moved(register, 1)), other));
            k.set(other, sel(isSecond, lookUp(k, pages, k.let(plus(page, PAGE)), register), other));
            k.set(left, bin('&', left, bin('^', whole('bits', isFirst), num(-1))));
          });
          const zeros = (bytes: SExpr): SExpr => whole('bits', cmp('==', bytes, lit('u8', 0, 16)));
          const lost = both(bin('^', zeros(other), zeros(register)), ones(pairs.used));
          k.set(isChanged, either(isChanged, cmp('!=', lost, num(0))));
          k.store(made, k.let(minus(at, base)), other);
          k.set(at, plus(at, pairs.used));
        },
        () => {
          const length = charBytes(k, bytes, at, end);
          addCased(
            k,
            { bytes, table, at, length },
            {
              add: (needed, write) =>
                k.if(
                  cmp('==', needed, length),
                  () => write((by, byte) => k.store(made, k.let(plus(minus(at, base), by)), byte)),
                  () => k.set(isChanged, yes),
                ),
            },
          );
          k.set(at, plus(at, length));
        },
      );
    });
  });
  k.accum(changes, cast(isChanged, 'i32'));
  return k.finish();
});

const ones = (count: SExpr): SExpr => minus(bin('<<', num(1), count), 1);
/** Lane l has what lane l + by had, or 0. */
const moved = (register: SExpr, by: number): SExpr =>
  whole('swizzle', register, bin('+', IOTA, lit('u8', by & 0xff, 16)));

/** How many of the first `count` bytes are ASCII or whole characters of two bytes, and where such begin. */
function pairsIn(k: KernelBuilder, register: Get, count: Get): { readonly used: Get; readonly firsts: Get } {
  const below = (low: number, size: number): Get =>
    k.let(whole('bits', cmp('<', bin('-', register, lit('u8', low, 16)), lit('u8', size, 16))));
  const [ascii, seconds, firsts] = [below(0, 0x80), below(0x80, 0x40), below(FIRST, LAST - FIRST + 1)];
  const known = either(ascii, seconds, firsts);
  const wrong = either(
    bin('^', known, num(0xffff)),
    bin('^', seconds, bin('<<', firsts, num(1))),
    bin('<<', num(1), count),
  );
  const right = k.let(un('ctz', wrong));
  // A first byte at the end has lost its second one.
  const isCut = bin('&', bin('>>', firsts, bin('max', minus(right, 1), num(0))), num(1));
  const used = k.let(minus(right, isCut));
  return { used, firsts: k.let(bin('&', firsts, ones(used))) };
}

/** The bytes of a page at the places that the low six bits of a register say. */
function lookUp(k: KernelBuilder, pages: number, page: Get, register: SExpr): SExpr {
  const places = k.let(bin('&', register, lit('u8', PAGE - 1, 16)));
  return either(
    ...[0, 16, 32, 48].map((by) => {
      const sixteen = k.load(pages, k.let(plus(page, by)), 16);
      return whole('swizzle', sixteen, bin('-', places, lit('u8', by, 16)));
    }),
  );
}
