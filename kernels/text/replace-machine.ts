/** The machine forms of str_replace, which asks for two bytes of the pattern at 16 places at once, and of str_concat. */

import { bin, cmp, type Get, type SExpr, splat, un, whole } from '../../compiler/kernels.ts';
import type { MachineForm } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { concat, sameRows } from './concat.ts';
import { searchParams, searchScalars } from './contains-machine.ts';
import { isPatternAt, patternBuffer } from './pattern-machine.ts';
import { replace, replacedPattern } from './replace.ts';
import { offsetKind, patternOf } from './strings.ts';
import { loadStart, machineStrings } from './strings-machine.ts';
import { machineWritten, writing } from './written-machine.ts';

type Kind = 'i32' | 'i64';

export const replaceMachine: MachineForm = async ([offsets, bytes, given, other, all], m) => {
  const strings = await machineStrings(replace.name, offsets, bytes, m);
  const [pattern, by] = [replacedPattern(given), patternOf(other)];
  const kind = offsetKind(strings);
  const { rows } = strings;
  const bufs = [strings.offsets, strings.bytes, patternBuffer(pattern, m), patternBuffer(by, m)];
  const scalars = [...searchScalars(pattern), by.length, all === true ? 1 : 0];
  const of: [Kind, boolean] = [kind, pattern.length > 16];
  return machineWritten(replace.name, { writing: replacing, of, rows, kind, bufs, scalars }, m);
};

const replacing = writing('replace', (kind: Kind, long: boolean) => (k) => {
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [pattern, by] = [k.buf('pattern', 'u8', 'read'), k.buf('by', 'u8', 'read')];
  const { length, near, far } = searchParams(k);
  const [byLength, all] = [k.scalar('by_length', 'i32'), k.scalar('all', 'i32')];
  const isMatch = isPatternAt(k, { bytes, pattern, length, long });
  const isThere = (probe: Get): ((place: Get) => SExpr) => {
    const byte = k.let(splat(k.load(pattern, probe), 16));
    return (place) => cmp('==', k.load(bytes, k.let(plus(place, probe)), 16), byte);
  };
  const [isNear, isFar] = [isThere(near), isThere(far)];
  return (row, sink) => {
    const [start, end] = [loadStart(k, offsets, row), loadStart(k, offsets, plus(row, 1))];
    /** The last place where the pattern may begin, and what is not added yet. */
    const [last, rest, at] = [k.var(minus(end, length)), k.var(start), k.var(start)];
    k.while(cmp('<=', at, last), () => {
      const found = whole('bits', bin('&', isNear(at), isFar(at)));
      const step = k.let(un('ctz', bin('|', found, num(1 << 16))));
      k.set(at, plus(at, step));
      k.if(bin('&', cmp('<', step, num(16)), cmp('<=', at, last)), () => {
        k.if(
          isMatch(at),
          () => {
            sink.copy(bytes, rest, at);
            sink.copy(by, num(0), byLength);
            k.set(at, plus(at, length));
            k.set(rest, at);
            k.if(cmp('==', all, num(0)), () => k.set(last, num(-1)));
          },
          () => k.set(at, plus(at, 1)),
        );
      });
    });
    sink.copy(bytes, rest, end);
  };
});

export const concatMachine: MachineForm = async ([offsets, bytes, moreOffsets, moreBytes], m) => {
  const a = await machineStrings(concat.name, offsets, bytes, m);
  const b = await machineStrings(concat.name, moreOffsets, moreBytes, m);
  const [rows, kind] = [sameRows(a, b), offsetKind(a)];
  const bufs = [a.offsets, a.bytes, b.offsets, b.bytes];
  return machineWritten(concat.name, { writing: together, of: [kind, offsetKind(b)], rows, kind, bufs }, m);
};

const together = writing('concat', (...kinds: [Kind, Kind]) => (k) => {
  const columns = kinds.map(
    (kind, n) => [k.buf(`offsets${n}`, kind, 'read'), k.buf(`bytes${n}`, 'u8', 'read')] as const,
  );
  return (row, sink) => {
    for (const [offsets, bytes] of columns) {
      sink.copy(bytes, loadStart(k, offsets, row), loadStart(k, offsets, plus(row, 1)));
    }
  };
});
