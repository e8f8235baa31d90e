/**
 * Running a program that a test builds by hand: built, verified, interpreted, with its result as JSON. What a test looks
 * at is the value, or the code, the kind and the message of the error that the run ends with.
 */

import { Builder, i32 } from '../core/build.ts';
import { type InterpretOptions, interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { encodeJson, type Json } from '../core/json.ts';
import type { Atom } from '../core/op.ts';
import { type Program, resultType } from '../core/program.ts';
import type { Type } from '../core/types.ts';
import { verify } from '../core/verify.ts';
import { WeldError } from '../diag/diagnostic.ts';

/** An argument with its type. */
export type Given = readonly [Type, IValue];
type Make = (b: Builder, ...params: readonly Atom[]) => Atom;

/** The verified program that `make` builds over params of the given types. */
export function build(make: Make, params: readonly Type[] = []): Program {
  const b = new Builder();
  const atoms = params.map((t, k) => b.param(t, `x${k}`));
  const p = b.finish(make(b, ...atoms));
  verify(p);
  return p;
}

/** Builds, verifies and interprets; gives the result as JSON. */
export function run(make: Make, params: readonly Given[] = [], options: InterpretOptions = {}): Json {
  const p = build(
    make,
    params.map(([t]) => t),
  );
  const args = params.map(([, v]) => v);
  return encodeJson(resultType(p), interpret(p, args, options));
}

/** The error that a call ends with. */
export function thrown(call: () => unknown): WeldError {
  try {
    call();
  } catch (e) {
    if (e instanceof WeldError) return e;
    throw e;
  }
  throw new Error('nothing was refused');
}

/** The code and kind of the error that a run ends with. */
export function errorOf(...args: Parameters<typeof run>): string {
  const e = thrown(() => run(...args));
  return `${e.code} ${e.kind}`;
}
/** The code and message of the error that a run ends with. */
export function messageOf(...args: Parameters<typeof run>): string {
  const e = thrown(() => run(...args));
  return `${e.code}: ${e.diagnostics[0]?.message ?? ''}`;
}

/** Atom `k` of the params. */
export const at = (atoms: readonly Atom[], k: number): Atom => atoms[k] ?? i32(0);
