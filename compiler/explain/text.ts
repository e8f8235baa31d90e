/** The explanation for people, as text: numbers, passes, the program that is left, decisions. */

import { ROWS } from '../analysis/expect.ts';
import type { ExplainedStep, Explanation } from '../explain.ts';
import type { PassRecord } from '../passes/pass.ts';
import { lineDiff } from './diff.ts';

export interface TextOptions {
  /** Below each pass, the lines that it changed. */
  readonly diff?: boolean;
}

export function explainText(x: Explanation, { diff = false }: TextOptions = {}): string {
  return [
    `loops: ${x.loopsBefore} before, ${x.loopsAfter} after`,
    `bytes moved: ${bytesText(x.bytesBefore)} before, ${bytesText(x.bytesAfter)} after (${ESTIMATED})`,
    '',
    'passes',
    ...stepLines(x, diff),
    ...(x.missed.length === 0 ? [] : ['', 'missed', ...missedLines(x)]),
    '',
    'program after the passes',
    x.final.trimEnd(),
    '',
    'lowering',
    ...x.lowering.map((d) => `  ${d.what}: ${d.choice} (${d.reason})`),
    '',
  ].join('\n');
}

/** What the numbers of bytes are. */
export const ESTIMATED = `estimated, vectors of ${ROWS.toLocaleString('en-US')}`;

/** A line for every run of a pass that changed something, with what the pass is for at its first; then the others. */
function stepLines({ passes, steps }: Explanation, diff: boolean): string[] {
  const width = Math.max(4, ...steps.map((s) => s.pass.name.length));
  const told = new Set<string>();
  const docOf = ({ pass: { name }, doc }: ExplainedStep): string[] => {
    if (told.has(name)) return [];
    told.add(name);
    return [`  ${' '.repeat(width)}  ${doc}`];
  };
  const lines = steps.flatMap((s) => [
    `  ${passLine(s.pass, width, bytesNote(s))}`,
    ...docOf(s),
    ...(diff ? lineDiff(s.before, s.after).map((line) => `      ${line}`) : []),
  ]);
  const idle = passes.length - steps.length;
  return idle === 0 ? lines : [...lines, `  ${idle} more ${idle === 1 ? 'run' : 'runs'} changed nothing`];
}

/** For every need that refuses a rewrite of what is left: the pass, how often, and what would have to hold. */
function missedLines({ missed }: Explanation): string[] {
  const width = Math.max(4, ...missed.map((m) => m.pass.length));
  return missed.flatMap((m) => [
    `  ${m.pass.padEnd(width)}  ${m.times} x ${m.need}`,
    `  ${' '.repeat(width)}  ${m.text}`,
  ]);
}

const bytesNote = (s: ExplainedStep): string =>
  s.bytesBefore === s.bytesAfter ? '' : `, ${bytesText(s.bytesBefore)} -> ${bytesText(s.bytesAfter)}`;

/** What a run of a pass changed: its name in at least `width` columns, numbers, more of them, rules. */
export function passLine(r: PassRecord, width: number, more = ''): string {
  const lets = `lets ${r.letsBefore} -> ${r.letsAfter}`;
  const loops = r.loopsBefore === r.loopsAfter ? '' : `, loops ${r.loopsBefore} -> ${r.loopsAfter}`;
  const rules = rulesText(r);
  return `${r.name.padEnd(width)}  ${lets}${loops}${more}${rules === '' ? '' : `  [${rules}]`}`;
}

/** The rules of a run and how often each was applied. */
export function rulesText(r: PassRecord): string {
  return Object.entries(r.fired)
    .map(([rule, n]) => (n === 1 ? rule : `${rule} x${n}`))
    .join(', ');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** A number of bytes with at most three digits before the unit: `8 B`, `1.5 kB`, `104 MB`. */
export function bytesText(bytes: number): string {
  let [n, k] = [bytes, 0];
  // What would be rounded to 1000 is one of the next unit.
  while (n >= 999.5 && k < UNITS.length - 1) [n, k] = [n / 1000, k + 1];
  return `${k === 0 || n >= 99.95 ? Math.round(n) : n.toFixed(1)} ${UNITS[k]}`;
}
