/**
 * Diagnostics: what a user sees when something is wrong, as data.
 *
 * `WeldError` carries one or more diagnostics and is the only error type that leaves the public API for bad input;
 * `InternalError` marks a fault of ours. Codes and their Weld error kinds are in `codes.ts`, rendering in `render.ts`.
 */

import type { Code, ErrorKind } from './codes.ts';
import { CODES } from './codes.ts';

/** Byte range [start, end) of a source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
/** Where something came from: a place in Weld text, or a call of a frontend API (innermost last in `chain`). */
export type Origin =
  | { readonly kind: 'text'; readonly span: Span }
  | { readonly kind: 'api'; readonly call: string; readonly chain: readonly string[] };

export interface Label {
  readonly span: Span;
  readonly text: string;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning' | 'note';
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  readonly origin: Origin | null;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
  /** What to do instead, or null. */
  readonly help: string | null;
}

export interface DiagnosticInit {
  readonly origin?: Origin | null;
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
  readonly help?: string | null;
}

export function diagnostic(code: Code, message: string, init: DiagnosticInit = {}): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    origin: init.origin ?? null,
    labels: init.labels ?? [],
    notes: init.notes ?? [],
    help: init.help ?? null,
  };
}

/** Bad input, with its diagnostics. `code` and `kind` are those of the first one. */
export class WeldError extends Error {
  override readonly name = 'WeldError';
  readonly diagnostics: readonly Diagnostic[];
  readonly code: Code;
  /** Weld's error kind, e.g. `CompileError` or `ArrayOutOfBounds`. */
  readonly kind: ErrorKind;
  constructor(diagnostics: readonly [Diagnostic, ...Diagnostic[]], options?: ErrorOptions) {
    const first = diagnostics[0];
    const help = first.help === null ? '' : `\n  help: ${first.help}`;
    const chain =
      first.origin?.kind === 'api' && first.origin.chain.length > 0 ? `\n  in: ${first.origin.chain.join(' > ')}` : '';
    const notes = first.notes.map((n) => `\n  note: ${n}`).join('');
    super(`${first.code}: ${first.message}${chain}${notes}${help}`, options);
    this.diagnostics = diagnostics;
    this.code = first.code;
    this.kind = CODES[first.code].kind;
  }
}

/** The error with `origin` as the place of its first diagnostic, when it is a WeldError that has no place yet. */
export function withOrigin(e: unknown, origin: Origin | null): unknown {
  if (!(e instanceof WeldError) || origin === null) return e;
  const [first, ...rest] = e.diagnostics;
  if (first === undefined || first.origin !== null) return e;
  return new WeldError([{ ...first, origin }, ...rest], e.cause === undefined ? {} : { cause: e.cause });
}

/** Throws a WeldError with one diagnostic. */
export function fail(code: Code, message: string, init: DiagnosticInit = {}): never {
  throw new WeldError([diagnostic(code, message, init)]);
}

/** A fault of ours, never of the user's. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

export function invariant(cond: boolean, message: () => string): asserts cond {
  if (!cond) throw new InternalError(message());
}
