/** `weldc explain` in its three forms. */

import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { weldc } from '../testing/weldc.ts';

const w = weldc();
afterAll(() => w.clean());
const TEXT = '|x: vec[f64]| sum(map(x, |e| e * 2.0))\n';
const file = w.file('sum.weld', TEXT);

describe('weldc explain', () => {
  it('--json has the facts under the documented names', async () => {
    const { status, out, err } = await w.run(['explain', file, '--json']);
    expect([status, err]).toEqual([0, '']);
    const json: Record<string, unknown> = JSON.parse(out);
    expect(Object.keys(json)).toEqual([
      'ok',
      'loops_before',
      'loops_after',
      'bytes_before',
      'bytes_after',
      'passes',
      'final',
      'lowering',
    ]);
    expect(json).toMatchObject({
      ok: true,
      loops_before: 2,
      loops_after: 1,
      bytes_before: 24_000_000,
      bytes_after: 8_000_000,
      final: expect.stringMatching(/^\|x: vec\[f64\]\|\n/),
      lowering: expect.arrayContaining([
        { what: expect.any(String), choice: expect.any(String), reason: expect.any(String) },
      ]),
    });
    const passes = Array.isArray(json['passes']) ? json['passes'] : [];
    for (const pass of passes) {
      expect(pass).toEqual({
        name: expect.any(String),
        changed: expect.any(Boolean),
        ms: expect.any(Number),
        fired: expect.any(Object),
        refused: expect.any(Object),
      });
    }
    expect(passes).toContainEqual(
      expect.objectContaining({ name: 'fuse-vertical', changed: true, fired: { 'pull-map': 1 } }),
    );
  });

  it('--diff shows the lines, as text and as data', async () => {
    const { out } = await w.run(['explain', file, '--diff']);
    expect(out).toMatch(/^ {6}- {3}let b1 = for\(x, b, \|b2, i, x1\|$/m);
    expect((await w.run(['explain', file])).out).not.toContain('-   let b1');
    const json: unknown = JSON.parse((await w.run(['explain', file, '--diff', '--json'])).out);
    expect(json).toMatchObject({
      steps: expect.arrayContaining([
        { name: 'fuse-vertical', diff: expect.arrayContaining(['-   let b1 = for(x, b, |b2, i, x1|']) },
      ]),
    });
  });

  it('--html writes a page', async () => {
    const page = w.path('sum.html');
    const { status, all } = await w.run(['explain', file, '--html', page]);
    expect([status, all]).toEqual([0, 'wrote sum.html\n']);
    expect(readFileSync(page, 'utf8')).toContain('<h1>sum.weld</h1>');
    const { out } = await w.run(['explain', '-', '--html', w.path('stdin.html'), '--json'], { stdin: TEXT });
    expect(JSON.parse(out)).toMatchObject({ ok: true, loops_after: 1, html: expect.stringContaining('stdin.html') });
    expect(readFileSync(w.path('stdin.html'), 'utf8')).toContain('<h1>&lt;stdin&gt;</h1>');
  });

  it('writes nothing over the program, and nothing for a wrong program', async () => {
    const over = await w.run(['explain', file, '--html', file]);
    expect([over.status, over.err]).toEqual([2, 'weldc: --html would overwrite the program sum.weld\n']);
    expect(readFileSync(w.path('sum.weld'), 'utf8')).toBe(TEXT);
    const wrong = w.file('wrong.weld', '|x: vec[f64]| sum(y)');
    expect((await w.run(['explain', wrong, '--html', w.path('wrong.html')])).status).toBe(1);
    expect(existsSync(w.path('wrong.html'))).toBe(false);
  });

  it('--fast-math uses rules over the real numbers', async () => {
    const there = w.file('there.weld', '|x: f64, y: f64| (x + y) - y');
    const final = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await w.run(['explain', there, '--json', ...words])).out).final;
    expect(await final()).toContain('t - y');
    expect(await final('--fast-math')).toBe('|x: f64, y: f64|\n  x\n');
    const values: string[] = [];
    for (const words of [[], ['--fast-math']]) {
      values.push((await w.run(['run', there, '--args', '[1, 1e30]', '--threads', '1', ...words])).out);
    }
    expect(values).toEqual(['0\n', '1\n']);
    expect((await w.run(['check', there, '--fast-math'])).err).toContain('check takes no --fast-math');
  });

  it('stops where WELD_BISECT says', async () => {
    const { out } = await w.run(['explain', file, '--json'], { env: { WELD_BISECT: '0' } });
    expect(JSON.parse(out)).toMatchObject({ loops_before: 2, loops_after: 2, passes: [] });
  });
});
