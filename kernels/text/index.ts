/** The primitives over columns of strings, and their machine forms. */

import type { PrimSpec } from '../../compiler/index.ts';
import type { MachineForm } from '../machine.ts';
import { containsAny, findAny } from './any.ts';
import { caseName, cases, lengths } from './case.ts';
import { CASES } from './cased.ts';
import { concat } from './concat.ts';
import { FORMATTED, type Formatted, formatName, formatters } from './format.ts';
import { literalName, literals } from './literal.ts';
import { PARSED, parseName, parsers } from './parse.ts';
import { field, slice, trim } from './parts.ts';
import { extract } from './regex/extract.ts';
import { matches } from './regex/matches.ts';
import { replace } from './replace.ts';

export const TEXT_KERNELS: readonly PrimSpec[] = [
  ...literals,
  containsAny,
  findAny,
  matches,
  extract,
  trim,
  slice,
  field,
  lengths,
  ...cases,
  replace,
  concat,
  ...parsers,
  ...formatters,
];

export const TEXT_FORMS: readonly (readonly [string, () => Promise<MachineForm>])[] = [
  [literalName('contains'), async () => (await import('./contains-machine.ts')).containsMachine],
  ...(['starts', 'ends', 'equals'] as const).map(
    (test) => [literalName(test), async () => (await import('./affix-machine.ts')).affixMachine(test)] as const,
  ),
  [containsAny.name, async () => (await import('./any-machine.ts')).containsAnyMachine],
  [findAny.name, async () => (await import('./any-machine.ts')).findAnyMachine],
  [lengths.name, async () => (await import('./case-machine.ts')).lengthMachine],
  ...CASES.map((to) => [caseName(to), async () => (await import('./case-machine.ts')).caseMachine(to)] as const),
  [replace.name, async () => (await import('./replace-machine.ts')).replaceMachine],
  [concat.name, async () => (await import('./replace-machine.ts')).concatMachine],
  ...PARSED.map((to) => [parseName(to), async () => (await import('./parse-machine.ts')).parseMachine(to)] as const),
  ...FORMATTED.map((of) => [formatName(of), () => formatForm(of)] as const),
  [trim.name, async () => (await import('./parts-machine.ts')).trimMachine],
  [slice.name, async () => (await import('./parts-machine.ts')).sliceMachine],
  [field.name, async () => (await import('./parts-machine.ts')).fieldMachine],
  [extract.name, async () => (await import('./regex/extract-machine.ts')).extractMachine],
  [matches.name, async () => (await import('./regex/matches-machine.ts')).matchesMachine],
];

async function formatForm(of: Formatted): Promise<MachineForm> {
  return of === 'f64'
    ? (await import('./format-double-machine.ts')).formatDoubleMachine
    : (await import('./format-machine.ts')).formatMachine(of);
}
