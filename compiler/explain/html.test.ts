/** The page as text; how it looks and that its button works was seen in a browser. */

import { expect, it } from 'vitest';
import { explain } from '../explain.ts';
import { parseProgram } from '../text.ts';
import { explainHtml } from './html.ts';

const CHAIN = parseProgram(`|x: vec[f64], y: vec[f64]|
  let doubled = result(for(x, appender[f64], |b, i, e| merge(b, e * 2.0)));
  let big = result(for(doubled, appender[f64], |b, i, e| if(e > 10.0, merge(b, e), b)));
  {result(for(big, merger[f64,+], |b, i, e| merge(b, e))), result(for(y, merger[f64,+], |b, i, e| merge(b, e)))}`);
const count = (page: string, part: string): number => page.split(part).length - 1;

it('stands alone', () => {
  const page = explainHtml(explain(CHAIN), 'chain.weld');
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).not.toMatch(/https?:|src=|href=|@import|url\(/);
  expect(page).toContain('@media (prefers-color-scheme: dark)');
  expect(page).toContain('<title>chain.weld - weldc explain</title>');
});

it('has every step, foldable, with what went and what came', () => {
  const x = explain(CHAIN);
  const page = explainHtml(x, 'chain.weld');
  expect(count(page, '<details class="step"')).toBe(x.steps.length);
  expect(count(page, '<details class="step" open>')).toBe(
    x.steps.filter((s) => s.pass.loopsBefore !== s.pass.loopsAfter).length,
  );
  expect(page).toContain('<div class="went">  let b1 = for(x, b, |b2, i, e|</div>');
  expect(page).toMatch(/<div class="came">[^<]*for\(x, [^<]*<\/div>/);
  expect(page).toMatch(/<details class="fold"><summary>\d+ lines that stay<\/summary>/);
  expect(page).toContain('<th scope="row">loops</th><td>4</td><td>2</td>');
  expect(page).toContain('<th scope="row">bytes moved</th><td>40.0 MB</td><td>16.0 MB</td>');
  expect(page).toContain('<code class="rule">pull-map</code>');
  for (const d of x.lowering) expect(page).toContain(`<td><code>${d.what}</code></td>`);
  // Every tag that opens closes.
  for (const tag of ['details', 'summary', 'div', 'table', 'tr', 'td', 'pre', 'p', 'span']) {
    expect(count(page, `</${tag}>`), tag).toBe(page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0);
  }
});

it('both sides of a step are the two programs', () => {
  const x = explain(CHAIN);
  const page = explainHtml(x, 'chain.weld');
  const steps = page.split('<details class="step"').slice(1);
  const plain = (html: string): string =>
    html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  for (const [k, s] of x.steps.entries()) {
    const body = (steps[k] ?? '').split('<h2>')[0]?.split('<div>after</div></div>')[1] ?? '';
    const parts = [...body.matchAll(/<div(?: class="(went|came|none)")?>([^<]*)<\/div>|<pre>([^<]*)<\/pre>/g)];
    const side = (at: 0 | 1): string => {
      let cell = 0;
      return parts
        .flatMap(([, mark, text = '', folded]) => {
          if (folded !== undefined) return [plain(folded)];
          return cell++ % 2 === at && mark !== 'none' ? [plain(text)] : [];
        })
        .join('\n');
    };
    expect(side(0)).toBe(s.before.trimEnd());
    expect(side(1)).toBe(s.after.trimEnd());
  }
});

it('escapes what is text', () => {
  const program = parseProgram('|x: vec[i8]| x < "a<b>&" || x > "</script>"');
  const page = explainHtml(explain(program), '<b>&"');
  expect(page).toContain('<title>&lt;b&gt;&amp;&quot; - weldc explain</title>');
  expect(page).not.toContain('a<b>');
  expect(count(page, '</script>')).toBe(1);
});

it('says when there is nothing to say', () => {
  const page = explainHtml(explain(parseProgram('|x: i64| x')), 'id');
  expect(page).toContain('No pass changed anything.');
  expect(page).toContain('There was nothing to decide.');
});
