/**
 * Reading a case file field by field: every mistake is a CaseError that names the case, the field, what is expected
 * and what was found, so that a slip in a file of hundreds of cases is found at once.
 *
 * A place is built up on the way down and written out only when something is wrong there:
 * `case "merger/sum": field "conf.threads" must be a whole number of at least 1, found 0`.
 */

import type { Json } from '../../compiler/core/json.ts';
import { didYouMean } from '../../compiler/index.ts';

/** A file that is not of the case format. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

export type JsonObject = { readonly [key: string]: Json };

/** Where in a file: the case or entry, and the path of the field in it. */
export interface Place {
  readonly of: string;
  readonly path: string;
}

export const placeOf = (of: string): Place => ({ of, path: '' });
export const inside = (at: Place, field: string | number): Place => ({
  of: at.of,
  path: typeof field === 'number' ? `${at.path}[${field}]` : at.path === '' ? field : `${at.path}.${field}`,
});

/** Throws: what stands at the place is not what must stand there. */
export function mustBe(at: Place, want: string, found: Json | undefined): never {
  const what = at.path === '' ? '' : `field "${at.path}" `;
  throw new CaseError(`${at.of}: ${what}must be ${want}, found ${short(found)}`);
}

/** A value as JSON, cut where it gets long. */
export function short(json: Json | undefined): string {
  if (json === undefined) return 'nothing';
  const text = JSON.stringify(json);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
const isList = (json: Json | undefined): json is readonly Json[] => Array.isArray(json);

/** An object that has no other fields than those listed, and all of the first list. */
export function objectAt(
  json: Json | undefined,
  at: Place,
  needed: readonly string[],
  allowed: readonly string[] = [],
): JsonObject {
  if (!isObject(json)) return mustBe(at, 'an object', json);
  const known = [...needed, ...allowed];
  for (const field of Object.keys(json)) {
    if (known.includes(field)) continue;
    const help = didYouMean(field, known);
    const { of, path } = inside(at, field);
    throw new CaseError(`${of}: unknown field "${path}"${help === null ? '' : `; ${help}`}`);
  }
  for (const field of needed) {
    if (json[field] === undefined) throw new CaseError(`${at.of}: field "${inside(at, field).path}" is missing`);
  }
  return json;
}

export function listAt(json: Json | undefined, at: Place): readonly Json[] {
  return isList(json) ? json : mustBe(at, 'an array', json);
}

export function textAt(json: Json | undefined, at: Place): string {
  return typeof json === 'string' ? json : mustBe(at, 'a string', json);
}

/** A whole number of at least `least`; null where the field is absent. */
export function countAt(json: Json | undefined, at: Place, least: number): number | null {
  if (json === undefined) return null;
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= least) return json;
  return mustBe(at, `a whole number of at least ${least}`, json);
}

/** One of a list of words. */
export function wordAt<W extends string>(json: Json | undefined, at: Place, words: readonly W[]): W {
  return words.find((w) => w === json) ?? mustBe(at, `one of ${words.join(', ')}`, json);
}
