/**
 * The explanation as a page of its own: facts on top, every pass that changed something with the program before and
 * after it side by side, the program that is left, what lowering decided, the kernels. It loads nothing from elsewhere
 * and reads well without its script, which only opens and closes all steps.
 */

import type { ExplainedStep, Explanation } from '../explain.ts';
import { type DiffRow, diffRows } from './diff.ts';
import { SCRIPT, STYLE } from './page-style.ts';
import { bytesText, ESTIMATED } from './text.ts';

/** Lines that are shown around a change; more that stay are folded. */
const CONTEXT = 2;
/** Fewer lines than this are not worth folding. */
const LEAST_FOLDED = 4;

export function explainHtml(x: Explanation, title: string): string {
  const name = escapeText(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} - weldc explain</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${name}</h1>
${facts(x)}
<h2>Passes <button id="all" type="button">open all</button></h2>
${x.steps.length === 0 ? '<p class="soft">No pass changed anything.</p>' : x.steps.map(step).join('\n')}
${missed(x)}<h2>Program</h2>
${folded('as it was given', x.initial, false)}
${folded('after the passes', x.final, true)}
<h2>Lowering</h2>
${lowering(x)}
${x.kernels.length === 0 ? '' : `<h2>Kernels</h2>\n${x.kernels.map(kernel).join('\n')}`}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function facts(x: Explanation): string {
  const [first, last] = [x.steps[0], x.steps.at(-1)];
  const ms = x.passes.reduce((sum, r) => sum + r.ms, 0);
  const rows = [
    ['loops', String(x.loopsBefore), String(x.loopsAfter)],
    ['bytes moved', bytesText(x.bytesBefore), bytesText(x.bytesAfter)],
    ...(first === undefined || last === undefined
      ? []
      : [['operations', String(first.pass.letsBefore), String(last.pass.letsAfter)]]),
  ];
  const cells = ([what = '', before = '', after = '']: readonly string[]): string =>
    `<tr><th scope="row">${what}</th><td>${before}</td><td>${after}</td></tr>`;
  const runs = `Of ${x.passes.length} runs of passes ${x.steps.length} changed the program`;
  const time = ms === 0 ? '' : `, all in ${ms.toFixed(1)} ms`;
  return `<table class="facts">
<thead><tr><th></th><th scope="col">before</th><th scope="col">after</th></tr></thead>
<tbody>${rows.map(cells).join('')}</tbody>
</table>
<p class="soft">Bytes are ${ESTIMATED} elements. ${runs}${time}.</p>`;
}

/** Steps that change the number of loops are what one looks for, so they are open. */
function step(s: ExplainedStep): string {
  const { name, fired, loopsBefore, loopsAfter } = s.pass;
  const rules = Object.entries(fired).map(
    ([rule, n]) => `<code class="rule">${escapeText(rule)}</code>${n === 1 ? '' : ` &times;${n}`}`,
  );
  const saved = [
    ...(loopsBefore === loopsAfter ? [] : [`loops ${loopsBefore} &rarr; ${loopsAfter}`]),
    ...(s.bytesBefore === s.bytesAfter ? [] : [`${bytesText(s.bytesBefore)} &rarr; ${bytesText(s.bytesAfter)}`]),
  ];
  return `<details class="step"${loopsBefore === loopsAfter ? '' : ' open'}>
<summary><strong>${escapeText(name)}</strong><span class="soft">${escapeText(s.doc)}</span><span class="saved">${saved.join(', ')}</span></summary>
${rules.length === 0 ? '' : `<p>${rules.join(' ')}</p>`}
<div class="rows head"><div>before</div><div>after</div></div>
${sideBySide(diffRows(s.before, s.after))}
</details>`;
}

/** What stands in the way of further rewrites. */
function missed(x: Explanation): string {
  if (x.missed.length === 0) return '';
  const items = x.missed.map(
    ({ pass, need, times, text }) =>
      `<li>${escapeText(pass)}: ${times} &times; <code class="rule">${need}</code> <span class="soft">${escapeText(text)}</span></li>`,
  );
  return `<h2>Missed</h2>\n<ul>${items.join('')}</ul>\n`;
}

/** The rows in blocks: what changed with some context, and folded what stays. */
function sideBySide(rows: readonly DiffRow[]): string {
  const near = rows.map(() => false);
  for (const [k, row] of rows.entries()) {
    if (row.kind === 'same') continue;
    for (let at = Math.max(0, k - CONTEXT); at <= k + CONTEXT && at < rows.length; at++) near[at] = true;
  }
  const blocks: string[] = [];
  for (let from = 0; from < rows.length; ) {
    let to = from;
    while (to < rows.length && near[to] === near[from]) to++;
    const block = rows.slice(from, to);
    const fold = near[from] !== true && block.length >= LEAST_FOLDED;
    blocks.push(fold ? folding(block) : `<div class="rows">${block.map(rowHtml).join('')}</div>`);
    from = to;
  }
  return blocks.join('\n');
}

/** Lines that stay, once for both sides. */
function folding(rows: readonly DiffRow[]): string {
  const lines = rows.flatMap((row) => (row.kind === 'same' ? [escapeText(row.line)] : []));
  return `<details class="fold"><summary>${lines.length} lines that stay</summary><pre>${lines.join('\n')}</pre></details>`;
}

function rowHtml(row: DiffRow): string {
  if (row.kind === 'same') {
    const line = escapeText(row.line);
    return `<div>${line}</div><div>${line}</div>`;
  }
  return side(row.before, 'went') + side(row.after, 'came');
}
const side = (line: string | null, mark: string): string =>
  line === null ? '<div class="none"></div>' : `<div class="${mark}">${escapeText(line)}</div>`;

function lowering(x: Explanation): string {
  if (x.lowering.length === 0) return '<p class="soft">There was nothing to decide.</p>';
  const rows = x.lowering.map(
    (d) =>
      `<tr><td><code>${escapeText(d.what)}</code></td><td>${escapeText(d.choice)}</td><td class="soft">${escapeText(d.reason)}</td></tr>`,
  );
  return `<div class="wide"><table>
<thead><tr><th scope="col">what</th><th scope="col">choice</th><th scope="col">reason</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`;
}

const kernel = (text: string): string => folded(text.split('\n', 1)[0] ?? '', text, false);

const folded = (summary: string, text: string, open: boolean): string =>
  `<details class="text"${open ? ' open' : ''}><summary>${escapeText(summary)}</summary><pre>${escapeText(text.trimEnd())}</pre></details>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeText = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);
