/**
 * Trails: how a lazy value came about, as the user wrote it, for error messages and for `explain`.
 *
 * Every frame, array and tensor carries the calls that made it. A call extends the trail of its receiver; only the last
 * few calls are kept, so that a value made in a loop does not carry its whole history.
 */

import type { Code, Origin } from '../../compiler/index.ts';
import { fail } from '../../compiler/index.ts';

export type Trail = readonly string[];

const KEPT = 8;
const MAX_TEXT = 80;

/** `trail` and one more call; a long text is cut. */
export function extend(trail: Trail, text: string): Trail {
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
  const all = [...trail, shown];
  return all.length > KEPT ? ['…', ...all.slice(all.length - KEPT + 1)] : all;
}

/** The place of a library call: `call` names the method, `text` is what the user wrote. */
export interface Site {
  readonly call: string;
  readonly trail: Trail;
}
export const siteOf = (call: string, trail: Trail, text: string): Site => ({ call, trail: extend(trail, text) });
export const originOf = (site: Site): Origin => ({ kind: 'api', call: site.call, chain: site.trail });

export interface Advice {
  readonly help?: string | null;
  readonly notes?: readonly string[];
}
/** Refuses a call: a WeldError that shows the chain of calls. */
export function refuse(site: Site, code: Code, message: string, advice: Advice = {}): never {
  return fail(code, message, { origin: originOf(site), help: advice.help ?? null, notes: advice.notes ?? [] });
}
