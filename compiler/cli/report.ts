/**
 * How `weldc` says that something went wrong: as text with carets, or as JSON. One form for every command and every
 * input of the repl, so that a program that reads the answers needs one reader:
 *
 *   {"ok": false, "diagnostics": [{"code", "kind", "severity", "message", "span", "labels", "notes", "help"}, ...]}
 *
 * `span` is null where there is no place in a text, else {"source", "start", "end", "line", "column", "endLine",
 * "endColumn"}: offsets from 0 in UTF-16 units, lines and columns from 1, the end exclusive. `code` is null for a wrong
 * command line and for faults of ours.
 */

import { CODES } from '../diag/codes.ts';
import type { Diagnostic, Span } from '../diag/diagnostic.ts';
import { placeOf, renderDiagnostic, type Source } from '../diag/render.ts';

/** A wrong command line, or a wrong command of the repl. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A diagnostic with the text that its spans count in. */
export interface Located {
  readonly diagnostic: Diagnostic;
  readonly source: Source | null;
}

/** The diagnostics for people, one after the other. */
export function reportText(found: readonly Located[]): string {
  return `${found.map((l) => renderDiagnostic(l.diagnostic, l.source)).join('\n\n')}\n`;
}

/** The diagnostics as plain JSON. */
export function reportJson(found: readonly Located[]): object {
  return { ok: false, diagnostics: found.map(diagnosticJson) };
}

/** An error that has no diagnostic, in the same form. */
export function faultJson(kind: string, message: string): object {
  const diagnostic = { code: null, kind, severity: 'error', message, span: null, labels: [], notes: [], help: null };
  return { ok: false, diagnostics: [diagnostic] };
}

function diagnosticJson({ diagnostic: d, source }: Located): object {
  const inText = d.origin?.kind === 'text' && source !== null;
  return {
    code: d.code,
    kind: CODES[d.code].kind,
    severity: d.severity,
    message: d.message,
    span: inText && d.origin.kind === 'text' ? spanJson(d.origin.span, source) : null,
    labels: inText ? d.labels.map((l) => ({ span: spanJson(l.span, source), text: l.text })) : [],
    notes: d.notes,
    help: d.help,
  };
}

function spanJson({ start, end }: Span, source: Source): object {
  const [from, to] = [placeOf(source.text, start), placeOf(source.text, end)];
  return {
    source: source.name,
    start,
    end,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}

/** `3 errors`. */
export const countText = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A fault of ours, for people: with its stack only when WELD_DEBUG is set. */
export function faultText(fault: Error, env: Readonly<Record<string, string | undefined>>): string {
  const debug = (env['WELD_DEBUG'] ?? '0') !== '0';
  const detail = debug ? (fault.stack ?? fault.message) : fault.message;
  const advice = debug ? '' : '; WELD_DEBUG=1 shows where it happened';
  return `weldc: internal fault: ${detail}\nThis is a mistake of weldc, please report it with the program${advice}.\n`;
}
