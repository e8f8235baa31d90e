/**
 * `spec/errors.md` is complete and true: every code has an entry with its title and its kind, and what an entry shows is
 * what is shown. `UPDATE_GOLDEN=1` writes the shown texts anew.
 *
 * Weld examples are run with `weldc`; the examples in TypeScript stand here once more, by code.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { Field, List, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { afterAll, describe, expect, it } from 'vitest';
import {
  appender,
  Builder,
  CODES,
  decodeManifest,
  extern,
  I64,
  i64,
  interpret,
  type Program,
  range,
  WeldError,
} from '../compiler/index.ts';
import { shadersOf } from '../compiler/shaders.ts';
import { weldc } from '../compiler/testing/weldc.ts';
import { parseProgram, renderError } from '../compiler/text.ts';
import { array } from '../frontends/array/index.ts';
import { col, fromArrow, fromColumns, readCSV } from '../frontends/frame/index.ts';
import { losingPool } from '../runtime/cpu/testing/tiny.ts';
import { Heap, init, type Session } from '../runtime/index.ts';

const FILE = 'spec/errors.md';
const GOLDEN = process.env['UPDATE_GOLDEN'] === '1';

interface Entry {
  readonly code: string;
  readonly title: string;
  readonly body: string;
  readonly language: string;
  readonly example: string;
  readonly shown: string;
}

function entriesOf(text: string): readonly Entry[] {
  const sections = text.split(/^## /m).slice(1);
  return sections.map((body): Entry => {
    const [, code = '', title = ''] = /^(\w+) (.*)\n/.exec(body) ?? [];
    const [, language = '', example = ''] = /^```(weld|ts)\n(.*?)^```$/ms.exec(body) ?? [];
    const shown = /^```text\n(.*?)^```$/ms.exec(body)?.[1] ?? '';
    return { code, title, body, language, example, shown };
  });
}

const w = weldc();
const sessions: Session[] = [];
afterAll(async () => {
  w.clean();
  for (const s of sessions) await s.dispose();
});
async function open(options: Parameters<typeof init>[0] = {}): Promise<Session> {
  const made = await init({ threads: 1, ...options });
  sessions.push(made);
  return made;
}

async function shownByWeldc(program: string): Promise<string> {
  const args = /^# args: (.*)$/m.exec(program)?.[1];
  w.file('example.weld', program);
  const { status, out, err } = await w.run(['run', 'example.weld', ...(args === undefined ? [] : ['--args', args])]);
  expect([status, out]).toEqual([1, '']);
  return err;
}

async function shownByCall(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (e) {
    // Paths differ from machine to machine.
    if (e instanceof WeldError) return `${renderError(e, null)}\n`.replaceAll(process.cwd(), '/home/me');
    throw e;
  }
  throw new Error('the example is accepted');
}

/** The program of a vector 0, 1, 2 ... */
function counting(rows: number): Program {
  const b = new Builder();
  const loop = b.loop([range(i64(0), i64(rows), i64(1))], b.builder(appender(I64)), (acc, _i, e) => b.merge(acc, e));
  return b.finish(b.result(loop));
}

/** The examples in TypeScript. */
const CALLS: Readonly<Record<string, () => unknown>> = {
  W5001: () =>
    shadersOf(parseProgram('|x: vec[vec[f64]]| result(for(x, merger[f64,+], |b, i, e| merge(b, lookup(e, 0L))))'), {
      f64: 'refuse',
    }),
  W5002: async () => {
    const total = '|x: vec[f64]| let n = len(x); result(for(x, merger[f64,+], |b, i, e| merge(b, e / f64(n))))';
    return (await open()).stream(parseProgram(total), [null], []);
  },
  W6008: async () => {
    const session = await open({ prims: [extern('half', [I64], I64, () => 0.5, { pure: true })] });
    return session.evaluate(parseProgram('|n: i64| cudf[half,i64](n)'), [3n]);
  },
  W6006: async () => (await open({ memoryLimitBytes: 16 * 1024 * 1024 })).evaluate(counting(100_000_000), []),
  W6007: () => interpret(counting(1_000_000), [], { fuel: 1000 }),
  W6013: async () => (await open()).evaluate(parseProgram('|n: i64| n + 1L'), [3n], { signal: AbortSignal.abort() }),
  W6014: async () => {
    const losing = losingPool(new Heap().memory, 4096);
    return losing.lose().finally(() => losing.pool.dispose());
  },
  W7001: async () => (await open()).load('build/scale'),
  W7002: () => decodeManifest('{"format": 99, "weld": "9.0.0"}'),
  W8001: () => readCSV('flights-2009.csv'),
  W8002: () => readCSV(new TextEncoder().encode('origin,delay\nJFK,3\nLAX,4,late\n')),
  W8003: () => fromColumns({ origin: ['JFK'], delay: [3] }).filter(col('dely').gt(0)),
  W8004: () => fromColumns({ origin: ['JFK'], delay: [3] }).select(col('origin').mul(col('delay'))),
  W8005: () => fromColumns({ origin: ['JFK', 'LAX'], delay: [3] }),
  W8006: () => fromColumns({ origin: ['JFK'], delay: [3] }).head(-1),
  W8007: async () => {
    const [a, b] = [await open(), await open()];
    return array([1, 2], { session: a }).add(array([3, 4], { session: b }));
  },
  W8008: () =>
    fromArrow(new Table({ legs: vectorFromArray([['JFK', 'LAX'], []], new List(new Field('leg', new Utf8()))) })),
  W8009: async () => {
    const table = await fromColumns({ delay: [3, 4] })
      .filter(col('delay').gt(3))
      .collect();
    table.dispose();
    table.column('delay');
  },
};

describe(FILE, () => {
  const text = readFileSync(FILE, 'utf8');
  const entries = entriesOf(text);
  const shown = new Map<string, string>();
  afterAll(() => {
    if (!GOLDEN) return;
    const [intro = '', ...sections] = text.split(/^(?=## )/m);
    const updated = sections.map((section) => {
      const now = shown.get(section.slice(3, 8)) ?? '';
      return section.replace(/^```text\n.*?^```$/ms, () => `\`\`\`text\n${now}\`\`\``);
    });
    writeFileSync(FILE, [intro, ...updated].join(''));
  });

  it('has one entry for every code, in order, with its title and kind', () => {
    const codes = Object.entries(CODES).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(entries.map((e) => `${e.code} ${e.title}`)).toEqual(codes.map(([code, { title }]) => `${code} ${title}`));
    for (const [code, { kind }] of codes) {
      expect(entries.find((e) => e.code === code)?.body, code).toContain(`\n_${kind}._`);
    }
  });

  it.each(entries.map((e) => [e.code, e] as const))('%s is shown as it says', async (code, entry) => {
    expect(entry.example).not.toBe('');
    const call = CALLS[code];
    if (entry.language === 'ts' && call === undefined) throw new Error(`no counterpart of the example of ${code}`);
    const found = call === undefined ? await shownByWeldc(entry.example) : await shownByCall(call);
    expect(found).toMatch(new RegExp(`^error\\[${code}\\]: `));
    shown.set(code, found);
    if (!GOLDEN) expect(found).toBe(entry.shown);
  });
});
