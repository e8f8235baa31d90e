/** The machine forms of str_trim, str_slice and str_field. */

import { bin, cast, cmp, type Get, type SExpr } from '../../compiler/kernels.ts';
import { type MachineForm, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { charNumber, field, separatorOf, slice, trim } from './parts.ts';
import { isPatternAt, patternBuffer } from './pattern-machine.ts';
import { machineParts, spansKernel } from './spans-machine.ts';
import { offsetKind } from './strings.ts';
import { machineStrings } from './strings-machine.ts';
import { skipChars } from './utf8-machine.ts';

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
    return ({ from, to, end }) => {
      const left = k.var(skipped);
      skipChars(k, bytes, { at: from, left, end });
      k.set(left, taken);
      k.set(to, from);
      skipChars(k, bytes, { at: to, left, end });
    };
  }),
);

export const fieldMachine: MachineForm = async ([offsets, bytes, given, place = 0], m) => {
  const strings = await machineStrings(field.name, offsets, bytes, m);
  const separator = separatorOf(given);
  return machineParts(m, strings, {
    kernel: fieldKernel(offsetKind(strings), separator.length > 16),
    bufs: [patternBuffer(separator, m)],
    scalars: [separator.length, charNumber(field.name, place)],
  });
};
const fieldKernel = once((kind: Kind, long: boolean) =>
  spansKernel(long ? 'field_long' : 'field', kind, (k, bytes) => {
    const pattern = k.buf('separator', 'u8', 'read');
    const [length, wanted] = [k.scalar('length', 'i32'), k.scalar('wanted', 'i32')];
    const isMatch = isPatternAt(k, { bytes, pattern, length, long });
    return ({ start, end, from, to }) => {
      const [at, left] = [k.var(start), k.var(wanted)];
      const last = k.let(minus(end, length));
      k.while(bin('&', cmp('<=', at, last), cmp('>=', left, num(0))), () => {
        k.if(
          isMatch(at),
          () => {
            k.if(
              cmp('==', left, num(0)),
              () => k.set(to, at),
              () => k.set(from, plus(at, length)),
            );
            k.set(left, minus(left, 1));
            k.set(at, plus(at, length));
          },
          () => k.set(at, plus(at, 1)),
        );
      });
      k.if(cmp('>', left, num(0)), () => k.set(from, num(-1)));
    };
  }),
);
