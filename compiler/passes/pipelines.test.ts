/** Random programs of the kind that frontends emit: chains and graphs of maps, filters, sums over shared vectors. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Builder, i64, scan } from '../core/build.ts';
import { interpret } from '../core/interp.ts';
import type { Atom, Sym } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { appender, I64, merger, vec } from '../core/types.ts';
import { countLoops, optimize } from '../pipeline.ts';
import { compareOutcomes, outcomeOf } from '../testing/differential.ts';
import { DEEP_TIMEOUT, runs } from '../testing/runs.ts';
import { filter, groupSum, map, ROW, reduce, repeat } from '../testing/shapes.ts';

/** A vector of numbers or rows; vectors of one space have one length. */
interface Column {
  readonly sym: Sym;
  readonly rows: boolean;
  readonly space: number;
}

/** A program from a list of choices; every list gives one. */
function programOf(choices: readonly number[]): Program {
  const b = new Builder();
  const columns: Column[] = [0, 0, 1].map((space) => ({ sym: b.param(vec(I64), 'x'), rows: false, space }));
  const scalars: Atom[] = [i64(3), b.param(I64, 'k')];
  const outputs: Atom[] = [];
  let at = 0;
  let spaces = 2;
  const pick = (n: number): number => (choices[at++] ?? 0) % n;
  /** Mostly what was made last, so that chains arise. */
  const recent = <T>(xs: readonly T[]): T => xs[xs.length - 1 - pick(Math.min(4, xs.length))] ?? (xs[0] as T);
  const number = (c: Column, e: Atom): Atom => (c.rows ? b.field(e, pick(2)) : e);
  const op = (x: Atom, y: Atom): Atom => b.bin((['+', '-', '*', 'min', '^'] as const)[pick(5)] ?? '+', x, y);
  const inputs = (): readonly Column[] => {
    const first = recent(columns);
    const same = columns.filter((c) => c.space === first.space);
    return [first, ...Array.from({ length: pick(3) }, () => recent(same))];
  };
  const value = (cols: readonly Column[], i: Atom, elems: readonly Atom[]): Atom => {
    let v = number(cols[0] as Column, elems[0] as Atom);
    for (const [k, c] of cols.entries()) if (k > 0) v = op(v, number(c, elems[k] as Atom));
    const extra = pick(6);
    if (extra === 0) return op(v, i);
    if (extra === 1) return op(v, recent(scalars));
    return extra === 2 ? b.bin('%', v, i64(7)) : v;
  };
  const test = (v: Atom): Atom => b.bin((['>', '!=', '<='] as const)[pick(3)] ?? '>', v, i64(pick(5) - 2));
  while (at < choices.length && columns.length < 25) {
    const cols = inputs();
    const vecs = cols.map((c) => c.sym);
    const space = cols[0]?.space ?? 0;
    switch (pick(11)) {
      case 0:
      case 1:
        columns.push({ sym: map(b, vecs, I64, (i, ...e) => value(cols, i, e)), rows: false, space });
        break;
      case 2:
        columns.push({
          sym: map(b, vecs, ROW, (i, ...e) => b.struct([value(cols, i, e), value(cols, i, e)])),
          rows: true,
          space,
        });
        break;
      case 3:
      case 4: {
        const rows = pick(2) === 1;
        const sym = filter(
          b,
          vecs,
          rows ? ROW : I64,
          (i, ...e) => test(value(cols, i, e)),
          (i, ...e) => (rows ? b.struct([value(cols, i, e), value(cols, i, e)]) : value(cols, i, e)),
        );
        columns.push({ sym, rows, space: spaces++ });
        break;
      }
      case 5:
        columns.push({
          sym: repeat(b, vecs[0] as Sym, cols[0]?.rows ? ROW : I64, 2n),
          rows: !!cols[0]?.rows,
          space: spaces++,
        });
        break;
      case 6:
      case 7:
        scalars.push(reduce(b, vecs, I64, (['+', 'max'] as const)[pick(2)] ?? '+', (i, ...e) => value(cols, i, e)));
        break;
      case 8:
        scalars.push(b.len(vecs[0] as Sym));
        break;
      case 9: {
        // Merges on both sides, or a loop with two builders.
        const both = b.loop(
          vecs.map(scan),
          b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+'))]),
          (s, i, ...e) => {
            const v = value(cols, i, e);
            const out = b.if(
              test(v),
              () => b.merge(b.field(s, 0), v),
              () => b.merge(b.field(s, 0), i),
            );
            return b.struct([out, b.merge(b.field(s, 1), v)]);
          },
        );
        columns.push({ sym: b.result(b.field(both, 0)), rows: false, space });
        scalars.push(b.result(b.field(both, 1)));
        break;
      }
      default:
        outputs.push(
          groupSum(
            b,
            vecs,
            (i, ...e) => b.bin('&', value(cols, i, e), i64(3)),
            (i, ...e) => value(cols, i, e),
          ),
        );
    }
    if (pick(5) === 0) outputs.push(recent(columns).sym);
  }
  for (const s of scalars.slice(-3)) if (!isLit(s)) outputs.push(s);
  outputs.push(recent(columns).sym);
  return b.finish(b.struct(outputs));
}

const DATA = [
  [3n, -1n, 0n, 2n, 5n, -7n, 2n],
  [1n, 1n, -2n, 4n, 0n, 9n, -3n],
];
const ARGS = [
  [...DATA, [4n, -4n], 2n],
  [[1n], [2n], [], -1n],
  [[], [], [0n], 0n],
];

test(
  'graphs of maps, filters and sums keep their meaning, and every fusion rule is reached',
  () => {
    const fired = new Map<string, number>();
    let [before, after] = [0, 0];
    fc.assert(
      fc.property(fc.noBias(fc.array(fc.nat(1000), { minLength: 10, maxLength: 150, size: 'max' })), (choices) => {
        const p = programOf(choices);
        const { program, trace } = optimize(p, { check: true });
        for (const args of ARGS) {
          const want = outcomeOf(() => interpret(p, args));
          const got = outcomeOf(() => interpret(program, args));
          const diff = 'error' in want ? null : compareOutcomes(resultType(p), want, got);
          expect(diff === null ? null : `${diff}\n${printProgram(p)}\n${printProgram(program)}`).toBeNull();
        }
        for (const r of trace)
          for (const [rule, n] of Object.entries(r.fired)) fired.set(rule, (fired.get(rule) ?? 0) + n);
        before += countLoops(p);
        after += countLoops(program);
      }),
      runs(11),
    );
    expect(after).toBeLessThan(before / 2);
    const reached = ['pull-map', 'pull-filter', 'same-space', 'copy-map', 'copy-filter', 'len-to-count', 'len-of-map'];
    for (const rule of [
      ...reached,
      'same-condition',
      'merge-behind-if',
      'unread-fields',
      'unused-component',
      'same-loop',
    ]) {
      expect(fired.get(rule) ?? 0, rule).toBeGreaterThan(0);
    }
  },
  DEEP_TIMEOUT,
);
