/**
 * One line of NDJSON: the fields of its keys. Keys are looked for in the order in which they came in the first lines, so
 * that nearly every look finds its key at once.
 *
 * A line with a key that is not known or that has escapes, with values nested deeper than 64, or with a mistake is left to
 * the definition (`objects.ts`).
 */

import { bin, cmp, type Get, type KernelBuilder, lit, sel, un } from '../../compiler/kernels.ts';
import { isSame } from '../csv/string-lookup.ts';
import { both, either, no, num } from '../terms.ts';
import { byteAt, isByte, type Line, skipBlanks, skipNested, skipScalar, skipString, take } from './values-machine.ts';

/** The keys as they are written, with quotes: buffers of their bytes, and of where each begins and ends. */
export interface KnownKeys {
  readonly bytes: number;
  readonly ends: number;
  readonly count: Get;
}

/** Reads the object at the place; `put` gets the columns and fields. The place is behind the line end then. */
export function readFields(line: Line, keys: KnownKeys, put: (key: Get, from: Get, to: Get) => void): void {
  const { k, at, isFine } = line;
  const key = k.var(num(0));
  take(line, '{');
  const isOpen = k.var(un('not', isByte(skipBlanks(line), '}')));
  k.while(both(isOpen, isFine), () => {
    findKey(line, keys, key);
    skipBlanks(line);
    take(line, ':');
    const first = skipBlanks(line);
    const [from, to] = [k.var(at), k.var(at)];
    k.if(isFine, () => {
      skipValue(line, first, to);
      put(key, from, to);
      k.set(key, bin('+', key, num(1)));
    });
    k.set(isOpen, isByte(skipBlanks(line), ','));
    k.if(isOpen, () => {
      k.set(at, bin('+', at, num(1)));
      skipBlanks(line);
    });
  });
  take(line, '}');
  skipBlanks(line);
  take(line, '\n');
}

/** Moves over a value and sets `to` to its end, but that of null to where it begins. */
function skipValue(line: Line, first: Get, to: Get): void {
  const { k, at } = line;
  const isNull = k.var(no);
  k.if(
    isByte(first, '"'),
    () => skipString(line),
    () =>
      k.if(
        either(isByte(first, '{'), isByte(first, '[')),
        () => skipNested(line),
        () => k.set(isNull, skipScalar(line, first)),
      ),
  );
  k.set(to, sel(isNull, to, at));
}

/** Moves over a key and sets `key` to its column: the one that is expected, or another. */
function findKey(line: Line, keys: KnownKeys, key: Get): void {
  const { k, text, at, isFine } = line;
  k.set(key, sel(cmp('<', key, keys.count), key, num(0)));
  const isKey = (length: Get | null): { isFound: Get; length: Get } => {
    const place = k.let(bin('*', key, num(2)));
    const start = k.load(keys.ends, place);
    const own = k.let(bin('-', k.load(keys.ends, k.let(bin('+', place, num(1)))), start));
    const mayBe = length === null ? cmp('>', own, num(0)) : cmp('==', own, length);
    const isFound = k.var(both(mayBe, cmp('>', keys.count, num(0))));
    const from = length === null ? at : k.let(bin('-', at, length));
    k.if(isFound, () => k.set(isFound, isSame(k, { buf: text, start: from, length: own }, { buf: keys.bytes, start })));
    return { isFound, length: own };
  };
  const expected = isKey(null);
  k.if(
    expected.isFound,
    () => k.set(at, bin('+', at, expected.length)),
    () => {
      const from = k.var(at);
      skipString(line);
      const length = k.let(bin('-', at, from));
      const [tries, isFound] = [k.var(num(0)), k.var(no)];
      k.while(both(isFine, un('not', isFound), cmp('<', tries, keys.count)), () => {
        k.set(key, bin('+', key, num(1)));
        k.set(key, sel(cmp('<', key, keys.count), key, num(0)));
        k.set(isFound, isKey(length).isFound);
        k.set(tries, bin('+', tries, num(1)));
      });
      k.set(isFine, both(isFine, isFound));
    },
  );
}

/** Moves from a place on a line behind its end. */
export function skipLine(k: KernelBuilder, text: number, at: Get): void {
  const isInside = k.var(lit('bool', true));
  k.while(isInside, () => {
    k.set(isInside, un('not', isByte(byteAt({ k, text, at, isFine: isInside }), '\n')));
    k.set(at, bin('+', at, num(1)));
  });
}
