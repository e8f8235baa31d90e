/**
 * How a case ended, and how the errors of programs are told.
 *
 * `unsupported` is for generated code alone: the target says by a typed error what it does not have yet. Any exception
 * other than a WeldError is a fault of the implementation, and never what a case expects.
 */

import { WeldError } from '../../compiler/index.ts';
import type { WantError, WantOk, WantPrint, WantType, WantValue } from './cases.ts';

export type Outcome =
  | { readonly outcome: 'passed' }
  /** `fault`: an exception that is no typed error is among the reasons. */
  | { readonly outcome: 'failed'; readonly differences: readonly string[]; readonly fault: boolean }
  | { readonly outcome: 'unsupported'; readonly construct: string };

export const PASSED: Outcome = { outcome: 'passed' };
export const failed = (difference: string): Outcome => ({ outcome: 'failed', differences: [difference], fault: false });
export const isFailure = (o: Outcome): o is Extract<Outcome, { outcome: 'failed' }> => o.outcome === 'failed';

/** The outcome with every difference prefixed by where it was seen. */
export function inContext(where: string, o: Outcome): Outcome {
  return isFailure(o) ? { ...o, differences: o.differences.map((d) => `${where}: ${d}`) } : o;
}

/** What running a program, or reading a text, came to. */
export type Attempt<R> = { readonly ok: true; readonly result: R } | Failure;
export type Failure =
  | { readonly ok: false; readonly error: WeldError }
  | { readonly ok: false; readonly error: null; readonly fault: string };

/** Runs `f` and catches what it throws. */
export async function attempt<R>(f: () => R | Promise<R>): Promise<Attempt<R>> {
  try {
    return { ok: true, result: await f() };
  } catch (e) {
    if (e instanceof WeldError) return { ok: false, error: e };
    return { ok: false, error: null, fault: e instanceof Error ? `${e.name}: ${e.message}` : String(e) };
  }
}

type Expect = WantValue | WantPrint | WantType | WantOk | WantError;

/** The outcome of an attempt that threw, given what was expected; null where any result would do. */
export function thrown(a: Failure, expect: Expect | null): Outcome {
  const wanted = expect === null ? 'a value' : wantText(expect);
  if (a.error === null) {
    return { outcome: 'failed', differences: [`expected ${wanted}, found an internal fault: ${a.fault}`], fault: true };
  }
  if (expect?.expect === 'error' && a.error.kind === expect.kind) return PASSED;
  return failed(`expected ${wanted}, found ${a.error.kind} (${errorText(a.error)})`);
}

/** What is expected, in a few words. */
export function wantText(expect: Expect): string {
  switch (expect.expect) {
    case 'value':
      return 'a value';
    case 'error':
      return expect.kind;
    case 'print':
      return `the print ${expect.plain ?? expect.typed ?? ''}`;
    case 'type':
      return `the type ${expect.text}`;
    case 'ok':
      return 'no error';
    default:
      return expect satisfies never;
  }
}

function errorText(e: WeldError): string {
  return `${e.code}: ${e.diagnostics[0]?.message ?? e.message}`;
}

/** What the target does not support, in the words of its error; null for any other end. */
export function unsupportedOf(a: Failure): string | null {
  if (a.error === null || a.error.kind !== 'Unsupported') return null;
  const message = a.error.diagnostics[0]?.message ?? a.error.message;
  return /^generated code does not support (.*) yet$/.exec(message)?.[1] ?? message;
}
