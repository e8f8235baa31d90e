import { describe, expect, it } from 'vitest';
import { explain } from '../explain.ts';
import { parseProgram } from '../text.ts';
import { bytesText, explainText } from './text.ts';

/** A map and a sum that become one loop. */
const SUM = parseProgram(`|x: vec[f64]|
  let doubled = result(for(x, appender[f64], |b, i, e| merge(b, e * 2.0)));
  result(for(doubled, merger[f64,+], |b, i, e| merge(b, e)))`);

describe('the text of an explanation', () => {
  it('tells the facts, the passes, the program and the decisions', () => {
    expect(explainText(explain(SUM))).toMatchInlineSnapshot(`
      "loops: 2 before, 1 after
      bytes moved: 24.0 MB before, 8.0 MB after (estimated, vectors of 1,000,000)

      passes
        fuse-vertical  lets 9 -> 5, loops 2 -> 1, 24.0 MB -> 8.0 MB  [pull-map]
                       let a loop do the work of the loops whose vectors only it reads
        34 more runs changed nothing

      program after the passes
      |x: vec[f64]|
        let b = merger[f64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e * 2.0;
          let b3 = merge(b2, t);
          b3);
        let r = result(b1);
        r

      lowering
        loop0 output r3: registers, one partial a part (a merger of scalars)
        loop0: 2 lanes (f64); 4 iterations together (1 output from one pass over the data)
      "
    `);
  });

  it('shows the lines that were changed', () => {
    expect(explainText(explain(SUM, { stopAfter: 'fuse-vertical' }), { diff: true })).toMatchInlineSnapshot(`
      "loops: 2 before, 1 after
      bytes moved: 24.0 MB before, 8.0 MB after (estimated, vectors of 1,000,000)

      passes
        fuse-vertical  lets 9 -> 5, loops 2 -> 1, 24.0 MB -> 8.0 MB  [pull-map]
                       let a loop do the work of the loops whose vectors only it reads
            -   let b = appender[f64];
            -   let b1 = for(x, b, |b2, i, e|
            -     let t = e * 2.0;
            -     let b3 = merge(b2, t);
            -     b3);
            -   let doubled = result(b1);
            -   let b5 = for(doubled, b4, |b6, i1, e1|
            -     let b7 = merge(b6, e1);
            +   let b5 = for(x, b4, |b6, i1, e|
            +     let t = e * 2.0;
            +     let b7 = merge(b6, t);
        11 more runs changed nothing

      program after the passes
      |x: vec[f64]|
        let b = merger[f64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e * 2.0;
          let b3 = merge(b2, t);
          b3);
        let r = result(b1);
        r

      lowering
        loop0 output r3: registers, one partial a part (a merger of scalars)
        loop0: 2 lanes (f64); 4 iterations together (1 output from one pass over the data)
      "
    `);
  });

  it('names the needs that refuse rewrites of what is left', () => {
    const x = explain(
      parseProgram(`|x: vec[f64], y: vec[f64]|
        let kept = filter(x, |e| e > 0.0);
        {result(for(zip(kept, y), merger[f64,+], |b, i, e| merge(b, e.$0 * e.$1))), kept}`),
    );
    expect(x.missed.map((m) => `${m.times} x ${m.pass}/${m.need}`)).toContain('1 x fuse-vertical/only-reader');
    expect(explainText(x)).toMatch(
      /\nmissed\n(?: .*\n)* {2}fuse-vertical +1 x only-reader\n +every read of the vector is an iterator of this one/,
    );
    expect(x.missed.every((m) => x.passes.findLast((r) => r.name === m.pass)?.refused[m.need] === m.times)).toBe(true);
    expect(explainText(explain(SUM))).not.toContain('missed');
  });

  it('says what a pass is for once, and is the same every time', () => {
    const x = explain(
      parseProgram('|x: vec[i64]| let y = map(x, |e| {e, e}); {sum(map(y, |e| e.$0)), sum(map(y, |e| e.$1))}'),
    );
    const twice = x.steps.map((s) => s.pass.name).find((name, k, all) => all.indexOf(name) !== k);
    expect(twice).toBeDefined();
    const text = explainText(x);
    for (const { pass, doc } of x.steps) {
      const runs = x.steps.filter((s) => s.pass.name === pass.name).length;
      expect(text.match(new RegExp(`^  ${pass.name} `, 'gm'))).toHaveLength(runs);
      expect(text.split(doc)).toHaveLength(2);
    }
    expect(text).toBe(explainText(x));
    expect(explainText(explain(parseProgram('|x: i64| x')))).toMatch(/^ {2}\d+ more runs changed nothing$/m);
  });
});

it('writes bytes with at most three digits', () => {
  const shown = [0, 8, 999, 1000, 1049, 99_940, 99_960, 999_499, 999_500, 40_000_152_000_000, 1e30];
  expect(shown.map(bytesText)).toEqual([
    '0 B',
    '8 B',
    '999 B',
    '1.0 kB',
    '1.0 kB',
    '99.9 kB',
    '100 kB',
    '999 kB',
    '1.0 MB',
    '40.0 TB',
    '1000000000000 EB',
  ]);
});
