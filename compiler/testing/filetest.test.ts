import { describe, expect, test } from 'vitest';
import { Builder, f64, i64, scan } from '../core/build.ts';
import type { Program } from '../core/program.ts';
import { F64, I64, merger, vec } from '../core/types.ts';
import { fail } from '../diag/diagnostic.ts';
import { type FileTestTools, runFileTests } from './filetest.ts';

/** Stands in for the parser: the last word of the source names a ready program. */
function parse(text: string): Program {
  const b = new Builder();
  const words = text.split('\n').filter((l) => l !== '' && !l.startsWith('# '));
  const word = words.join(' ').trim().split(/\s+/).at(-1);
  switch (word) {
    case 'SUM': {
      const x = b.param(vec(I64), 'x');
      return b.finish(b.result(b.loop([scan(x)], b.builder(merger(I64, '+')), (m, _i, e) => b.merge(m, e))));
    }
    case 'ONE':
    case '1.0':
      return b.finish(f64(1));
    case 'TWO':
      return b.finish(b.param(F64, 'ONE'));
    case 'DROP':
      b.builder(merger(F64, '+'));
      return b.finish(f64(1));
    case 'LOOKUP':
      return b.finish(b.lookup(b.param(vec(I64), 'x'), i64(3)));
    default:
      return fail('W2003', `unknown program ${word}`);
  }
}
const tools: FileTestTools = {
  parse,
  pass(name) {
    if (name === 'same') return (program) => ({ program, refused: {} });
    if (name !== 'forget') return undefined;
    return () => ({ program: new Builder().finish(f64(1)), refused: { tidy: 2, short: 1 } });
  },
  commands: new Map([['count', (p, of) => `${of}: ${p.body.lets.length}`]]),
};
/** The actual texts. */
const actual = (text: string): readonly string[] => runFileTests(text, tools).results.map((r) => r.actual);

describe('text tests', () => {
  test('each command', () => {
    expect(actual('# test: roundtrip\nONE')).toEqual(['||\n  1.0']);
    expect(actual('# test: verify\nSUM')).toEqual(['ok']);
    expect(actual('# test: verify\nDROP')).toEqual(["W3002: builder 'b' of type merger[f64,+] is dropped"]);
    expect(actual('# test: pass(forget)\nSUM')).toEqual(['||\n  1.0']);
    expect(actual('# test: unchanged(forget)\nSUM')).toEqual(['||\n  1.0']);
    expect(actual('# test: unchanged(same)\nSUM')).toEqual(['unchanged']);
    expect(actual('# test: pass(forget)\n# refused: short, tidy\nSUM')).toEqual(['||\n  1.0']);
    expect(actual('# test: run\n# arg: [1, {"x": 0}]\nSUM')[0]).toMatch(/^error W8006: \$\.\[1\]/);
    expect(actual('# test: run\n# arg: {"range": [0, 5]}\nSUM')).toEqual(['i64 10']);
    expect(actual('# test: run\n# arg: [1]\nLOOKUP')[0]).toMatch(/^error W6001: lookup: index 3/);
    expect(actual('# test: roundtrip\nNOTHING')).toEqual(['error W2003: unknown program NOTHING']);
    expect(actual('# test: count(lets)\nSUM')).toEqual(['lets: 3']);
  });

  test('several tests a file; expectations are compared and renewed, heads stay as written', () => {
    const text =
      '# about sums\n\n# test: verify\nSUM\n# ---\nok\n\n# test: run\n# arg: [2, 3]\nSUM   # five\nSUM\n# ---\ni64 6\n';
    const { results, updated } = runFileTests(text, tools);
    expect(results.map((r) => r.expected === r.actual)).toEqual([true, false]);
    expect(results.map((r) => r.line)).toEqual([3, 8]);
    expect(updated).toBe(text.replace('i64 6', 'i64 5'));
    expect(runFileTests(updated, tools).updated).toBe(updated);
  });

  test('mistakes in the file are errors', () => {
    expect(() => actual('ONE')).toThrow('needs a line');
    expect(() => actual('# test: pass(nothing)\nONE')).toThrow('line 1: there is no pass nothing');
    expect(() => actual('# test: pass(forget)\n# refused: tidy\n# refused: dry\nSUM')).toThrow(
      'line 1: dry refused nothing, but tidy, short did',
    );
    expect(() => actual('# test: dance\nONE')).toThrow('unknown command "dance"');
    expect(() => actual('# test: run\n# arg: [1\nSUM')).toThrow('is not JSON');
    // The stand-in parser does not read canonical text, or reads it wrongly.
    expect(() => actual('# test: roundtrip\nSUM')).toThrow('line 1: the canonical text is refused');
    expect(() => actual('# test: roundtrip\nTWO')).toThrow('line 1: the canonical text reads back as another program');
  });
});
