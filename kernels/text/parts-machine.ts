/** The machine forms of str_trim, str_slice and str_field. */

import { bin, cast, cmp, type Get, type SExpr, splat, un, whole } from '../../compiler/kernels.ts';
import { type MachineForm, once } from '../machine.ts';
import { both, minus, num, plus, yes } from '../terms.ts';
import { charNumber, field, separatorOf, slice, trim } from './parts.ts';
import { isPatternAt, patternBuffer } from './pattern-machine.ts';
import { machineParts, spansKernel } from './spans-machine.ts';
import { offsetKind } from './strings.ts';
import { machineStrings } from './strings-machine.ts';
import { asciiBytes, skipChars } from './utf8-machine.ts';

type Kind = 'i32' | 'i64';

export const trimMachine: MachineForm = async ([offsets, bytes], m) => {
  const strings = await machineStrings(trim.name, offsets, bytes, m);
  return machineParts(m, strings, { kernel: trimKernel(offsetKind(strings)) });
};
const trimKernel = once((kind: Kind) =>
  spansKernel('trim', kind, (k, bytes) => ({ from, to }) => {
    const isSpace = (place: SExpr): SExpr => {
      const byte = k.let(cast(k.load(bytes, place), 'i32'));
      const control = bin('&', cmp('>=', byte, num(9)), cmp('<=', byte, num(13)));
      return bin('|', cmp('==', byte, num(32)), control);
    };
    const isMore = k.var(cmp('<', from, to));
    const cut = (end: Get, by: number, place: () => SExpr): void => {
      k.set(isMore, cmp('<', from, to));
      k.while(isMore, () => {
        k.set(isMore, isSpace(place()));
        k.if(isMore, () => k.set(end, plus(end, by)));
        k.set(isMore, bin('&', isMore, cmp('<', from, to)));
      });
    };
    cut(from, 1, () => from);
    cut(to, -1, () => k.let(minus(to, 1)));
  }),
);

export const sliceMachine: MachineForm = async ([offsets, bytes, first = 0, last = 0], m) => {
  const strings = await machineStrings(slice.name, offsets, bytes, m);
  const [from, to] = [charNumber(slice.name, first), charNumber(slice.name, last)];
  const scalars = [from, Math.max(0, to - from)];
  return machineParts(m, strings, { kernel: sliceKernel(offsetKind(strings)), scalars });
};
const sliceKernel = once((kind: Kind) =>
  spansKernel('slice', kind, (k, bytes) => {
    const [skipped, taken] = [k.scalar('skipped', 'i32'), k.scalar('taken', 'i32')];
    return ({ start, from, to, end }) => {
      const length = k.let(minus(end, start));
      const first = k.let(bin('min', skipped, length));
      const last = k.let(plus(first, bin('min', taken, minus(length, first))));
      const ascii = k.let(asciiBytes(k, bytes, start));
      // Most often one look says where both ends are.
      k.if(
        cmp('<=', last, ascii),
        () => {
          k.set(from, plus(start, first));
          k.set(to, plus(start, last));
        },
        () => {
          const left = k.var(skipped);
          skipChars(k, bytes, { at: from, left, end });
          k.set(left, taken);
          k.set(to, from);
          skipChars(k, bytes, { at: to, left, end });
        },
      );
    };
  }),
);

export const fieldMachine: MachineForm = async ([offsets, bytes, given, place = 0], m) => {
  const strings = await machineStrings(field.name, offsets, bytes, m);
  const separator = separatorOf(given);
  const { length } = separator;
  return machineParts(m, strings, {
    kernel: fieldKernel(offsetKind(strings), length === 1 ? 'byte' : length > 16 ? 'long' : 'short'),
    bufs: [patternBuffer(separator, m)],
    scalars: [length, charNumber(field.name, place)],
  });
};
/** Sixteen places at once are asked for the first byte of the separator and its last one. */
const fieldKernel = once((kind: Kind, separator: 'byte' | 'short' | 'long') =>
  spansKernel(`field_${separator}`, kind, (k, bytes) => {
    const pattern = k.buf('separator', 'u8', 'read');
    const [length, wanted] = [k.scalar('length', 'i32'), k.scalar('wanted', 'i32')];
    const behind = k.let(minus(length, 1));
    const probe = (at: SExpr): Get => k.let(splat(k.load(pattern, at), 16));
    const [first, last] = [probe(num(0)), probe(behind)];
    const isMatch =
      separator === 'byte' ? () => yes : isPatternAt(k, { bytes, pattern, length, long: separator === 'long' });
    const hits = (at: Get, byte: SExpr): SExpr => whole('bits', cmp('==', k.load(bytes, at, 16), byte));
    return ({ start, end, from, to }) => {
      const [at, left] = [k.var(start), k.var(wanted)];
      k.while(both(cmp('<=', plus(at, length), end), cmp('>=', left, num(0))), () => {
        const places = k.let(bin('min', minus(minus(end, at), behind), num(16)));
        const ends = separator === 'byte' ? num(-1) : hits(k.let(plus(at, behind)), last);
        const found = k.var(both(hits(at, first), ends, minus(bin('<<', num(1), places), 1)));
        k.while(both(cmp('!=', found, num(0)), cmp('>=', left, num(0))), () => {
          const place = k.let(plus(at, un('ctz', found)));
          k.set(found, bin('&', found, minus(found, 1)));
          // Separators do not overlap.
          k.if(both(cmp('>=', place, from), isMatch(place)), () => {
            k.if(
              cmp('==', left, num(0)),
              () => k.set(to, place),
              () => k.set(from, plus(place, length)),
            );
            k.set(left, minus(left, 1));
          });
        });
        k.set(at, plus(at, 16));
      });
      k.if(cmp('>', left, num(0)), () => k.set(from, num(-1)));
    };
  }),
);
