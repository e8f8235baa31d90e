/**
 * The machine form of str_extract. The automaton of str_matches says in which strings there is a match; there one way
 * through the program is tried after the other, in the order in which they are preferred, and what has been tried in vain
 * at a place of the string is not tried again there: at most the program times the string.
 *
 * Where the next byte always says which way to go, a table is followed instead (`one-pass.ts`), unless that takes long.
 * Where the product is more than memory is kept for, the host searches the string.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  type KernelBuilder,
  type SExpr,
  sel,
} from '../../../compiler/kernels.ts';
import { type MachineForm, once } from '../../machine.ts';
import { both, either, minus, no, num, plus, yes } from '../../terms.ts';
import { machineParts, type PartOf, spansKernel, UNKNOWN } from '../spans-machine.ts';
import { newBytes, offsetKind } from '../strings.ts';
import { machineStrings } from '../strings-machine.ts';
import { extract, extraction, groupIn } from './extract.ts';
import { matchFlags } from './matches-machine.ts';
import { onePass } from './one-pass.ts';
import { searchOnePass } from './one-pass-machine.ts';
import type { RegexProgram } from './program.ts';
import type { Assertion } from './syntax.ts';

/** Instructions times places of a string: a bit and two numbers each. */
const MOST_TRIED = 1 << 16;
const PARTS_A_THREAD = 2;

export const extractMachine: MachineForm = async ([offsets, bytes, ...rest], m) => {
  const strings = await machineStrings(extract.name, offsets, bytes, m);
  const { program, group } = extraction(rest);
  const flags = (await matchFlags(strings, program, m)) ?? newBytes('bool', strings.rows, m.alloc).fill(1);
  const parts = m.threads * PARTS_A_THREAD;
  const copies = (length: number) => ({ copies: m.alloc.alloc('i32', parts * length), length });
  const insts = instructions(program, group);
  // No string is longer than all bytes.
  const room = Math.min(MOST_TRIED, 32 * Math.ceil((program.insts.length * (strings.bytes.length + 1)) / 32));
  const table = onePass(program, group);
  return machineParts(m, strings, {
    kernel: kernelOf(offsetKind(strings), table !== null),
    bufs: [flags, insts, copies(room / 32), copies(2 * room), ...(table === null ? [] : [table])],
    scalars: [program.start, program.insts.length, room],
    parts,
    onHost: {
      kernel: extract.name,
      reason: `more than ${MOST_TRIED} instructions of the pattern times bytes of the string`,
      find: (row) => groupIn(strings, row, program, group),
    },
  });
};

const OPS = { byte: 0, split: 1, save: 2, assert: 3, match: 4 } as const;
const ASSERTIONS: readonly Assertion[] = ['start', 'end', 'lineStart', 'lineEnd', 'word', 'notWord'];

/** Four numbers an instruction: what it is, where it goes on, and two of its own. */
function instructions({ insts }: RegexProgram, group: number): Int32Array {
  return Int32Array.from(
    insts.flatMap((inst): number[] => {
      switch (inst.op) {
        case 'byte':
          return [OPS.byte, inst.to, inst.low, inst.high];
        case 'split':
          return [OPS.split, inst.to, inst.or, 0];
        case 'save':
          // Those of other groups write where nobody looks.
          return [OPS.save, inst.to, inst.slot >> 1 === group ? inst.slot & 1 : 2, 0];
        case 'assert':
          return [OPS.assert, inst.to, ASSERTIONS.indexOf(inst.what), 0];
        case 'match':
          return [OPS.match, 0, 0, 0];
        default:
          return inst satisfies never;
      }
    }),
  );
}

const kernelOf = once(
  (kind: 'i32' | 'i64', hasTable: boolean): Kernel =>
    spansKernel(hasTable ? 'extract_one_pass' : 'extract', kind, (k, bytes) => {
      const [flags, insts] = [k.buf('flags', 'bool', 'read'), k.buf('insts', 'i32', 'read')];
      const [tried, stack] = [k.buf('tried', 'i32', 'readwrite', true), k.buf('stack', 'i32', 'readwrite', true)];
      const table = hasTable ? { bytes, table: k.buf('table', 'i32', 'read') } : null;
      const [first, count, room] = [k.scalar('first', 'i32'), k.scalar('count', 'i32'), k.scalar('room', 'i32')];
      const buffers = { bytes, insts, tried, stack, first };
      return (part) => {
        const { row, start, end, from } = part;
        const tryAll = (): void => {
          const places = k.let(plus(minus(end, start), 1));
          // As floats, for the product may be more than an i32.
          const size = bin('*', cast(places, 'f64'), cast(count, 'f64'));
          k.if(
            cmp('<=', size, cast(room, 'f64')),
            () => {
              const words = bin('>>', plus(bin('*', places, count), 31), num(5));
              k.range(num(0), words, (w) => k.store(tried, w, num(0)));
              backtrack(k, buffers, part, places);
            },
            () => k.set(from, num(UNKNOWN)),
          );
        };
        k.if(
          k.load(flags, row),
          table === null ? tryAll : () => k.if(cmp('==', searchOnePass(k, table, part), no), tryAll),
          () => k.set(from, num(-1)),
        );
      };
    }),
);

interface Buffers {
  readonly bytes: number;
  readonly insts: number;
  /** A bit for each instruction and place. */
  readonly tried: number;
  /** What is to be tried next: an instruction and a place; or, below 0, a slot and what it was. */
  readonly stack: number;
  readonly first: Get;
}

/** Sets `from` and `to` to the group in the first match. */
function backtrack(k: KernelBuilder, b: Buffers, { start, end, from, to }: PartOf, places: Get): void {
  const isFound = k.var(no);
  const origin = k.var(start);
  const [depth, pc, at] = [k.var(num(0)), k.var(num(0)), k.var(num(0))];
  const push = (what: SExpr, value: SExpr): void => {
    k.store(b.stack, depth, what);
    k.store(b.stack, k.let(plus(depth, 1)), value);
    k.set(depth, plus(depth, 2));
  };
  k.while(both(cmp('==', isFound, no), cmp('<=', origin, end)), () => {
    k.set(pc, b.first);
    k.set(at, origin);
    k.set(from, num(-1));
    k.set(to, num(-1));
    const runs = k.var(yes);
    k.while(runs, () => {
      const isVain = k.var(no);
      const bit = k.let(plus(bin('*', pc, places), minus(at, start)));
      const word = k.let(bin('>>', bit, num(5)));
      const mask = k.let(bin('<<', num(1), bin('&', bit, num(31))));
      const known = k.load(b.tried, word);
      k.set(isVain, cmp('!=', bin('&', known, mask), num(0)));
      k.if(cmp('==', isVain, no), () => {
        k.store(b.tried, word, bin('|', known, mask));
        const inst = k.let(bin('*', pc, num(4)));
        const part = (n: number): Get => k.load(b.insts, k.let(plus(inst, n)));
        const [op, next, own] = [part(0), part(1), part(2)];
        k.set(pc, next);
        const is = (name: keyof typeof OPS): SExpr => cmp('==', op, num(OPS[name]));
        k.if(is('byte'), () => {
          const byte = k.let(cast(k.load(b.bytes, at), 'i32'));
          const fits = both(cmp('>=', byte, own), cmp('<=', byte, part(3)));
          k.set(isVain, cmp('==', both(fits, cmp('<', at, end)), no));
          k.set(at, plus(at, 1));
        });
        k.if(is('split'), () => push(own, at));
        k.if(both(is('save'), cmp('<', own, num(2))), () => {
          const isTo = k.let(cmp('==', own, num(1)));
          push(minus(num(-1), own), sel(isTo, to, from));
          k.set(from, sel(isTo, from, at));
          k.set(to, sel(isTo, at, to));
        });
        k.if(is('assert'), () => k.set(isVain, cmp('==', holds(k, b.bytes, own, { at, start, end }), no)));
        k.if(is('match'), () => {
          k.set(isFound, yes);
          k.set(runs, no);
        });
      });
      k.while(isVain, () => {
        k.if(
          cmp('==', depth, num(0)),
          () => {
            k.set(runs, no);
            k.set(isVain, no);
          },
          () => {
            k.set(depth, minus(depth, 2));
            const [what, value] = [k.load(b.stack, depth), k.load(b.stack, k.let(plus(depth, 1)))];
            k.set(from, sel(cmp('==', what, num(-1)), value, from));
            k.set(to, sel(cmp('==', what, num(-2)), value, to));
            k.if(cmp('>=', what, num(0)), () => {
              k.set(pc, what);
              k.set(at, value);
              k.set(isVain, no);
            });
          },
        );
      });
    });
    k.set(origin, plus(origin, 1));
    k.set(depth, num(0));
  });
  k.if(either(cmp('==', isFound, no), cmp('<', from, num(0))), () => k.set(from, num(-1)));
}

/** Does an assertion, by its number, hold at a place? */
function holds(k: KernelBuilder, bytes: number, what: Get, p: { at: Get; start: Get; end: Get }): Get {
  const [isFirst, isLast] = [k.let(cmp('==', p.at, p.start)), k.let(cmp('==', p.at, p.end))];
  const before = k.let(cast(k.load(bytes, k.let(bin('max', minus(p.at, 1), p.start))), 'i32'));
  const after = k.let(cast(k.load(bytes, p.at), 'i32'));
  const between = (byte: Get, low: number, high: number): SExpr =>
    both(cmp('>=', byte, num(low)), cmp('<=', byte, num(high)));
  const isWord = (byte: Get): SExpr =>
    either(between(byte, 48, 57), between(byte, 65, 90), cmp('==', byte, num(95)), between(byte, 97, 122));
  const wordBefore = both(isWord(before), cmp('==', isFirst, no));
  const wordAfter = both(isWord(after), cmp('==', isLast, no));
  const isBorder = k.let(cmp('!=', wordBefore, wordAfter));
  const answers: Readonly<Record<Assertion, SExpr>> = {
    start: isFirst,
    end: isLast,
    lineStart: either(isFirst, cmp('==', before, num(10))),
    lineEnd: either(isLast, cmp('==', after, num(10))),
    word: isBorder,
    notWord: cmp('==', either(isBorder, both(between(after, 0x80, 0xbf), cmp('==', isLast, no))), no),
  };
  return k.let(either(...ASSERTIONS.map((name, n) => both(cmp('==', what, num(n)), answers[name]))));
}
