/**
 * Deviations: cases that this project decides differently on purpose, with the reason (`spec/deviations.json`). They
 * are run like all others and counted apart: neither as passed nor as failed, unless one ends in an internal fault.
 *
 * An entry with `kind` and `program` is about that text under any name; one with only a `name` is about that case.
 */

import { existsSync, readFileSync } from 'node:fs';
import { CASE_KINDS, type Case, parseJson } from './cases.ts';
import { CaseError, inside, listAt, objectAt, placeOf, textAt, wordAt } from './fields.ts';

export interface Deviation {
  readonly name: string | null;
  readonly kind: Case['kind'] | null;
  readonly program: string | null;
  readonly reason: string;
}

/** The entries of a file's text. Throws a CaseError. */
export function readDeviations(text: string, file: string): readonly Deviation[] {
  return listAt(parseJson(text, file), placeOf(file)).map((json, k) => {
    const at = placeOf(`${file}, entry ${k + 1}`);
    const o = objectAt(json, at, ['reason'], ['name', 'kind', 'program']);
    const optional = (field: string): string | null =>
      o[field] === undefined ? null : textAt(o[field], inside(at, field));
    const [name, program] = [optional('name'), optional('program')];
    const kind = o['kind'] === undefined ? null : wordAt(o['kind'], inside(at, 'kind'), CASE_KINDS);
    if ((kind === null) !== (program === null)) throw new CaseError(`${at.of}: "kind" and "program" go together`);
    if (name === null && program === null)
      throw new CaseError(`${at.of}: a "name", or "kind" and "program", is missing`);
    return { name, kind, program, reason: textAt(o['reason'], inside(at, 'reason')) };
  });
}

/** The entry about a case, or null. */
export function deviationOf(c: Case, entries: readonly Deviation[]): Deviation | null {
  const about = (d: Deviation): boolean =>
    d.program === null ? d.name === c.name : 'program' in c && d.kind === c.kind && d.program === c.program;
  return entries.find(about) ?? null;
}

/** The project's own entries; the file lies in `spec/`, above the sources as above what is built. */
export function ownDeviations(): readonly Deviation[] {
  for (const up of ['../deviations.json', '../../../spec/deviations.json']) {
    const path = new URL(up, import.meta.url);
    if (existsSync(path)) return readDeviations(readFileSync(path, 'utf8'), 'spec/deviations.json');
  }
  throw new CaseError('spec/deviations.json is missing');
}
