/**
 * Several results by one program: what they have in common is computed once, and loops over the same rows become one.
 *
 *     const trips = frame.filter(col('fare').gt(0));
 *     const [zones, mean] = await evaluate([trips.groupBy('zone').agg(len()), trips.column('fare').mean()]);
 *
 * Asked for one after the other, each of them would read the table and filter it by itself.
 */

import { invariant } from '../../compiler/index.ts';
import type { CompileSettings, EvaluateOptions, Session } from '../../runtime/index.ts';
import { commonSession } from './column.ts';
import { evaluateTogether, type Request } from './evaluate.ts';
import { explainValue, type ValueExplanation } from './explain.ts';
import { refuse, type Site } from './trail.ts';
import { describe } from './values.ts';

/** A frame, an array, a tensor or a lazy scalar: what `evaluate` takes. */
export interface Lazy<R> {
  /** What has to be computed for the value, and what is made of it. */
  request(): Request<R>;
}
/** What each of several lazy values becomes. */
export type Results<T extends readonly Lazy<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Lazy<infer R> ? R : never;
};

/**
 * Computes several lazy values by one program: a frame becomes what `collect()` gives, an array and a tensor what
 * `toArray()`, a scalar what `item()` gives. Values of two sessions are an error (W8007), others than lazy ones as well
 * (W8006); whatever is wrong with one of them is an error of the whole. `options` are those of `collect`.
 */
export async function evaluate<const T extends readonly Lazy<unknown>[]>(
  values: T,
  options?: EvaluateOptions,
): Promise<Results<T>>;
export async function evaluate(
  values: readonly Lazy<unknown>[],
  options: EvaluateOptions = {},
): Promise<readonly unknown[]> {
  const { requests, session } = together('evaluate', values);
  const found = await evaluateTogether(requests, session, options);
  return requests.map((r, k) => {
    const own = found[k];
    invariant(own !== undefined, () => 'every request has an answer');
    return r.finish(own);
  });
}

/** How several lazy values would be computed by one program; it prints as text. */
export async function explain(
  values: readonly Lazy<unknown>[],
  settings: CompileSettings = {},
): Promise<ValueExplanation> {
  const { requests, session } = together('explain', values);
  return explainValue(
    requests.flatMap((r) => r.columns),
    requests.flatMap((r) => r.scalars),
    session,
    settings,
  );
}

function together(
  call: string,
  values: readonly Lazy<unknown>[],
): { readonly requests: readonly Request<unknown>[]; readonly session: Session | null } {
  const site: Site = { call, trail: [`${call}([..])`] };
  if (!Array.isArray(values)) refuse(site, 'W8006', `${call} takes a list of lazy values, found ${describe(values)}`);
  const requests = values.map((v: unknown, k) => {
    if (isLazy(v)) return v.request();
    const found = `value ${k + 1} is ${describe(v)}`;
    return refuse(site, 'W8006', `${call} takes frames, arrays, tensors and lazy scalars; ${found}`);
  });
  return { requests, session: commonSession(requests, site) };
}

const isLazy = (v: unknown): v is Lazy<unknown> =>
  typeof v === 'object' && v !== null && 'request' in v && typeof v.request === 'function';
