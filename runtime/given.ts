/**
 * What programs are given: values of their parameters' types, and typed arrays for vectors of the numbers that these hold.
 * Nothing is copied.
 */

import { fail, type Type, type TypedArray, typeText, type Value } from '../compiler/index.ts';
import { arrayName, holdsKind } from './data/column.ts';

/** An argument of a program. */
export type Given = Value | TypedArray;

/** The arguments of parameters of these types as values. W2005 for another number, W8006 for another kind of typed array. */
export function valuesOf(args: readonly Given[], types: readonly Type[]): readonly Value[] {
  if (args.length !== types.length) fail('W2005', `the program takes ${types.length} arguments, found ${args.length}`);
  return types.map((t, k) => givenValue(args[k], t, `argument ${k + 1}`));
}

/** The value that is given for a type; `what` names it in messages. */
export function givenValue(given: Given | undefined, t: Type, what: string): Value {
  const elem = t.kind === 'vec' && t.elem.kind === 'scalar' ? t.elem : null;
  const refuse = (found: string, help: string): never =>
    fail('W8006', `${what} must be ${typeText(t)}, found ${found}`, { help });
  if (given === undefined) return refuse('undefined', MAKING);
  if (!isTypedArray(given)) return given;
  if (elem === null) return refuse(`a typed array, ${given.constructor.name}`, 'typed arrays are vectors of numbers');
  if (holdsKind(elem.scalar, given)) return { kind: 'vec', elem, length: given.length, cols: [given] };
  const help = `the typed array of ${elem.scalar} is ${arrayName(elem.scalar)}`;
  return refuse(`a typed array, ${given.constructor.name}`, help);
}

const isTypedArray = (arg: Given): arg is TypedArray => ArrayBuffer.isView(arg) && !(arg instanceof DataView);

/** What makes values. */
export const MAKING = 'toColumns of weld-ts/compiler makes values of JavaScript ones';

/** What something is that should be a value. */
export function foundText(v: unknown): string {
  if (v === null || v === undefined) return String(v);
  if (Array.isArray(v)) return 'an array';
  if (typeof v !== 'object') return `a ${typeof v}`;
  return 'kind' in v && typeof v.kind === 'string'
    ? `a ${v.kind}`
    : `an object, ${v.constructor?.name ?? 'without a class'}`;
}
