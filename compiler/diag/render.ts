/**
 * Diagnostics as text: the code, the message, the place with a caret, notes and help.
 *
 *     error[W2001]: both sides of + must have one type, found f64 and i64
 *      --> sum.weld:3:11
 *       |
 *     3 |   let t = x + n;
 *       |           ^^^^^
 *       = help: convert with f64(..)
 */

import type { Diagnostic, Origin, Span, WeldError } from './diagnostic.ts';

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** 1-based line and column (in UTF-16 units) of an offset, and the text of that line without its line break. */
export function placeOf(text: string, offset: number): { line: number; column: number; lineText: string } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', offset);
  return {
    line,
    column: offset - start + 1,
    lineText: text.slice(start, end === -1 ? text.length : end).replace(/\r$/, ''),
  };
}

/** All diagnostics of an error, one after the other. */
export function renderError(e: WeldError, source: Source | null): string {
  return e.diagnostics.map((d) => renderDiagnostic(d, source)).join('\n\n');
}

export function renderDiagnostic(d: Diagnostic, source: Source | null): string {
  const lines = [`${d.severity}[${d.code}]: ${d.message}`];
  if (d.origin?.kind === 'text' && source !== null) {
    lines.push(...excerpt(d.origin.span, '', source, '-->'));
    for (const l of d.labels) lines.push(...excerpt(l.span, l.text, source, ':::'));
  }
  if (d.origin?.kind === 'api') lines.push(`  in ${callsOf(d.origin).join(' > ')}`);
  for (const n of d.notes) lines.push(`  = note: ${n}`);
  if (d.help !== null) lines.push(`  = help: ${d.help}`);
  return lines.join('\n');
}

/** The chain of calls ends with the call that failed; without a chain, that call alone. */
const callsOf = ({ call, chain }: Extract<Origin, { kind: 'api' }>): readonly string[] =>
  chain.length > 0 ? chain : [call];

function excerpt(span: Span, label: string, source: Source, arrow: string): string[] {
  const { line, column, lineText } = placeOf(source.text, span.start);
  const margin = ' '.repeat(String(line).length);
  // A span over several lines is underlined to the end of its first line.
  const length = Math.min(span.end - span.start, lineText.length - column + 1);
  const shown = crop(lineText, column - 1, length);
  const pad = shown.text.slice(0, shown.at).replace(/[^\t]/g, ' ');
  return [
    `${margin}${arrow} ${source.name}:${line}:${column}`,
    `${margin} |`,
    `${line} | ${shown.text}`,
    `${margin} | ${pad}${'^'.repeat(Math.max(1, shown.length))}${label === '' ? '' : ` ${label}`}`,
  ];
}

/** Longer lines, such as those of generated programs, are shown around the place only. */
const MOST_COLUMNS = 160;
const BEFORE = 60;

/** The part of a line that is shown, and where the underlined part of it is. */
function crop(text: string, at: number, length: number): { text: string; at: number; length: number } {
  if (text.length <= MOST_COLUMNS) return { text, at, length };
  const from = Math.max(0, at - BEFORE);
  const to = Math.min(text.length, from + MOST_COLUMNS);
  const [head, tail] = [from > 0 ? '...' : '', to < text.length ? '...' : ''];
  return { text: head + text.slice(from, to) + tail, at: at - from + head.length, length: Math.min(length, to - at) };
}
