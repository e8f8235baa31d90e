/**
 * The table of errors in `numerics.md` is true: the errors at the arguments that it shows are these, no quick point has
 * a larger one, and every function is in it. With `WELD_DEEP` a million points (fifty times the number of runs) of each
 * function and format are tried, which takes an hour; `UPDATE_GOLDEN=1` writes what they find.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { MathName } from '../compiler/sir/lib/index.ts';
import { BOUNDS, errorAt, type FloatKind, MATH_NAMES, worstOf } from '../compiler/testing/math-accuracy.ts';
import { isBinary, type Point } from '../compiler/testing/math-points.ts';
import { DEEP_RUNS, DEEP_TIMEOUT, isDeep } from '../compiler/testing/runs.ts';

const FILE = 'spec/numerics.md';
const [BEGIN, END] = ['<!-- accuracy -->', '<!-- end -->'] as const;
const KINDS = ['f64', 'f32'] as const;

interface Found {
  readonly error: number;
  readonly at: Point;
}
interface Row {
  readonly f: MathName;
  readonly bound: number;
  readonly found: Readonly<Record<FloatKind, Found>>;
}

const text = readFileSync(FILE, 'utf8');
const [from, until] = [text.indexOf(BEGIN), text.indexOf(END)];

function parsed(): readonly Row[] {
  const found = (error: string | undefined, at: string | undefined): Found => {
    const [x = Number.NaN, y = 0] = (at ?? '').split(', ').map(Number);
    return { error: Number(error), at: [x, y] };
  };
  return text
    .slice(from, until)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .flatMap(([, name, bound, e64, at64, e32, at32]) =>
      MATH_NAMES.filter((f) => f === name).map((f) => ({
        f,
        bound: Number(bound),
        found: { f64: found(e64, at64), f32: found(e32, at32) },
      })),
    );
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ f, bound, found }) => [
    `\`${f}\``,
    String(bound),
    ...KINDS.flatMap((kind) => {
      const { error, at } = found[kind];
      return [error.toFixed(3), at.slice(0, isBinary(f) ? 2 : 1).join(', ')];
    }),
  ]);
  const heads = ['function', 'bound', 'f64', 'at', 'f32', 'at'];
  const widths = heads.map((h, k) => Math.max(h.length, ...cells.map((c) => c[k]?.length ?? 0)));
  const line = (c: readonly string[]): string => `| ${c.map((v, k) => v.padEnd(widths[k] ?? 0)).join(' | ')} |`;
  const rule = widths.map((w, k) => (k === 0 || heads[k] === 'at' ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`));
  return [line(heads), line(rule), ...cells.map(line)].join('\n');
}

/** The worst of what the table says and of `count` points a region for each seed. */
function searched(rows: readonly Row[], points: number, count: number): readonly Row[] {
  return MATH_NAMES.map((f) => {
    const row = rows.find((r) => r.f === f);
    const find = (kind: FloatKind): Found => {
      const known = row?.found[kind].at ?? [1, 1];
      let worst: Found = { error: errorAt(f, kind, known), at: known };
      for (let seed = 1, done = 0; done < points; seed++) {
        const next = worstOf(f, kind, count, seed);
        if (next.error > worst.error + 0.001) worst = next;
        done += next.points;
      }
      return worst;
    };
    return { f, bound: BOUNDS[f], found: { f64: find('f64'), f32: find('f32') } };
  });
}

const ROWS = parsed();

it('the table of errors shows every function, with its bound', () => {
  expect(ROWS.map((r) => [r.f, r.bound])).toEqual(MATH_NAMES.map((f) => [f, BOUNDS[f]]));
});

it('the errors of the table are those at its arguments, and within the bounds', () => {
  for (const { f, bound, found } of ROWS) {
    for (const kind of KINDS) {
      const { error, at } = found[kind];
      expect(errorAt(f, kind, at).toFixed(3), `${f}(${at}) in ${kind}`).toBe(error.toFixed(3));
      expect(error).toBeLessThanOrEqual(bound);
    }
  }
});

it(`no error is larger, on ${isDeep ? 'a million' : 'a few'} points`, { timeout: DEEP_TIMEOUT }, () => {
  const rows = isDeep ? searched(ROWS, DEEP_RUNS * 50, 500) : searched(ROWS, 1, 15);
  const made = `${text.slice(0, from)}${BEGIN}\n\n${table(rows)}\n\n${text.slice(until)}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, made);
  expect(readFileSync(FILE, 'utf8')).toBe(made);
});
