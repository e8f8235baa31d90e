/**
 * The suite `compiling`: what compiling costs in programs of growing length. It should grow as the length does and no
 * faster; an operator is one of the maps, filters, zips and sums of which a pipeline is made, a loop each.
 *
 * The figures are processor time, which other work on the machine changes less than the time on the wall: the least of
 * the rounds, which take turns.
 */

import {
  type Atom,
  appender,
  Builder,
  compile,
  F64,
  f64,
  merger,
  type Program,
  scan,
  vec,
} from '../../compiler/index.ts';
import type { CommandLine } from '../arguments.ts';
import { commit, machine } from '../machine.ts';
import { progressLine } from '../progress.ts';
import type { Io, Suite } from '../suite.ts';
import { fixed } from './format.ts';

const LENGTHS = [250, 500, 1000, 2000, 4000];
const SHAPES: Readonly<Record<string, (operators: number) => Program>> = { chain, fan, mixed };

interface Row {
  readonly shape: string;
  readonly operators: number;
  readonly cpuMs: number;
}

export const compilingSuite: Suite = {
  name: 'compiling',
  about: 'what compiling costs in programs of 250 to 4,000 operators (--quick: 1,000)',
  workloads: [],
  run,
};

async function run(line: CommandLine, io: Io): Promise<object> {
  const progress = progressLine();
  const lengths = LENGTHS.filter((n) => n <= (line.quick ? 1000 : 4000));
  const cases = Object.keys(SHAPES).flatMap((shape) => lengths.map((operators) => ({ shape, operators })));
  const least = cases.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < line.runs; round++) {
    for (const [k, { shape, operators }] of cases.entries()) {
      progress.show(`round ${round + 1} of ${line.runs}: ${shape} of ${operators}`);
      least[k] = Math.min(least[k] ?? 0, await cpuOfCompiling(shape, operators));
    }
  }
  progress.clear();
  const rows = cases.map((c, k): Row => ({ ...c, cpuMs: least[k] ?? 0 }));
  io.out(compilingText(rows));
  return { suite: compilingSuite.name, runs: line.runs, ...machine(), commit: commit(), rows };
}

async function cpuOfCompiling(shape: string, operators: number): Promise<number> {
  const program = SHAPES[shape]?.(operators);
  if (program === undefined) throw new RangeError(`there is no shape ${shape}`);
  const before = process.cpuUsage();
  await compile(program);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A line a program: milliseconds in all, and microseconds an operator. */
export function compilingText(rows: readonly Row[]): string {
  const line = (...cells: readonly string[]): string =>
    cells.map((c, k) => (k === 0 ? c.padEnd(10) : c.padStart(16))).join('');
  return [
    line('shape', 'operators', 'processor ms', 'us an operator'),
    ...rows.map(({ shape, operators, cpuMs }) =>
      line(shape, fixed(operators, 0), fixed(cpuMs, 0), fixed((1000 * cpuMs) / operators, 0)),
    ),
    '',
  ].join('\n');
}

/** Maps one after the other, and a sum. */
function chain(operators: number): Program {
  const b = new Builder();
  let v: Atom = b.param(vec(F64), 'x');
  for (let k = 1; k < operators; k++) v = map(b, v, (e) => b.bin(k % 2 === 0 ? '+' : '*', e, f64(1 + k / 8)));
  return b.finish(sum(b, v));
}

/** Maps of one column, each with a sum. */
function fan(operators: number): Program {
  const b = new Builder();
  const x = b.param(vec(F64), 'x');
  const sums = Array.from({ length: operators / 2 }, (_, k) =>
    sum(
      b,
      map(b, x, (e) => b.bin('*', e, f64(k))),
    ),
  );
  return b.finish(b.struct(sums));
}

/** A table that is cut down and added to again and again: in turn maps, a filter, a zip, and a sum that is kept. */
function mixed(operators: number): Program {
  const b = new Builder();
  let v: Atom = b.param(vec(F64), 'x');
  const sums: Atom[] = [];
  for (let k = 0; k < operators; k += 5) {
    const doubled = map(b, v, (e) => b.bin('*', e, f64(2)));
    const both = b.loop([scan(v), scan(doubled)], b.builder(appender(F64)), (acc, _i, e, f) =>
      b.merge(acc, b.bin('-', f, e)),
    );
    v = filter(b, b.result(both), (e) => b.bin('>', e, f64(-k)));
    v = map(b, v, (e) => b.bin('+', e, f64(k)));
    sums.push(sum(b, v));
  }
  return b.finish(b.struct(sums));
}

const map = (b: Builder, v: Atom, f: (e: Atom) => Atom): Atom =>
  b.result(b.loop([scan(v)], b.builder(appender(F64)), (acc, _i, e) => b.merge(acc, f(e))));
const sum = (b: Builder, v: Atom): Atom =>
  b.result(b.loop([scan(v)], b.builder(merger(F64, '+')), (acc, _i, e) => b.merge(acc, e)));
const filter = (b: Builder, v: Atom, keep: (e: Atom) => Atom): Atom =>
  b.result(
    b.loop([scan(v)], b.builder(appender(F64)), (acc, _i, e) =>
      b.if(
        keep(e),
        () => b.merge(acc, e),
        () => acc,
      ),
    ),
  );
