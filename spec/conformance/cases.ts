/**
 * The case format: a JSON array of cases, each a program text with what a correct implementation answers. Reading
 * checks everything that can be checked without running: a field or kind that is not known is an error, and typed
 * values are decoded here, so that a mistake of the file is never counted as a mistake of the implementation.
 *
 * `README.md` beside this file describes the format.
 */

import type { Json } from '../../compiler/core/json.ts';
import type { ErrorKind, Type } from '../../compiler/index.ts';
import {
  CaseError,
  countAt,
  inside,
  isObject,
  type JsonObject,
  listAt,
  mustBe,
  objectAt,
  type Place,
  placeOf,
  textAt,
  wordAt,
} from './fields.ts';
import { type TypedValue, typeAt, typedValueAt, type Want, wantAt } from './values.ts';

/** How floats are compared: exactly, or within a distance that is absolute or relative to the expected value. */
export type Tolerance = { readonly within: 'exact' } | { readonly within: 'abs' | 'rel'; readonly of: number };

export interface WantValue {
  readonly expect: 'value';
  readonly type: Type;
  readonly value: Want;
  readonly tolerance: Tolerance;
}
export interface WantError {
  readonly expect: 'error';
  readonly kind: ErrorKind;
}
/** Texts to be printed; null where a case does not ask for one. */
export interface WantPrint {
  readonly expect: 'print';
  readonly plain: string | null;
  readonly typed: string | null;
  /** Equal up to a consistent renaming of bound variables. */
  readonly alpha: boolean;
}
export interface WantType {
  readonly expect: 'type';
  /** A function type, without spaces. */
  readonly text: string;
}
export interface WantOk {
  readonly expect: 'ok';
}

/** An argument of a step: a value, or the result of an earlier step by its name. */
export type StepArgument = TypedValue | { readonly type: Type; readonly ref: string };
export interface SessionStep {
  readonly program: string;
  readonly args: readonly StepArgument[];
  readonly bind: string | null;
  readonly resultType: Type | null;
}

export interface RunCase {
  readonly kind: 'run';
  readonly program: string;
  readonly args: readonly TypedValue[];
  readonly expect: WantValue | WantError;
  /** A request for a run that really splits the work. */
  readonly threads: number | null;
  readonly memoryLimitBytes: number | null;
  /** How often the compiled program runs. */
  readonly runs: number;
}
export interface SessionCase {
  readonly kind: 'session';
  readonly steps: readonly SessionStep[];
  readonly expect: WantValue | WantError;
}
/** Kinds that stop before execution. `definitions` are the macros of `macro`, the aliases of `type_alias`, else ''. */
export interface TextCase {
  readonly kind: TextKind;
  readonly program: string;
  readonly definitions: string;
  readonly expect: WantPrint | WantType | WantOk | WantError;
}
export type Case = {
  readonly name: string;
  readonly tags: readonly string[];
} & (RunCase | SessionCase | TextCase);

export const TEXT_KINDS = [
  'parse',
  'parse_type',
  'parse_program',
  'typecheck',
  'macro',
  'type_alias',
  'infer',
] as const;
export type TextKind = (typeof TEXT_KINDS)[number];
export const CASE_KINDS = ['run', 'session', ...TEXT_KINDS] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

const ERRORS = [
  'CompileError',
  'ArrayOutOfBounds',
  'BadIteratorLength',
  'MismatchedZipSize',
  'KeyNotFoundError',
  'AssertionError',
  'DivisionByZero',
  'DeserializationError',
  'OutOfMemory',
] as const satisfies readonly ErrorKind[];

/** The cases of a file's text. Throws a CaseError. */
export function readCases(text: string, file: string): readonly Case[] {
  const json = parseJson(text, file);
  const cases = listAt(json, placeOf(file)).map((one, k) => caseOf(one, k));
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new CaseError(`case "${name}": another case of the file has this name`);
    names.add(name);
  }
  return cases;
}

/** What `JSON.parse` gives; a CaseError when the text of the file is no JSON. */
export function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new CaseError(`${file} is no JSON: ${e instanceof Error ? e.message : String(e)}`);
  }
}

function caseOf(json: Json, index: number): Case {
  const name = isObject(json) ? json['name'] : undefined;
  const at = placeOf(typeof name === 'string' ? `case "${name}"` : `case number ${index + 1}`);
  if (!isObject(json)) return mustBe(at, 'an object', json);
  const kind = wordAt(json['kind'], inside(at, 'kind'), CASE_KINDS);
  const more = FIELDS[kind];
  const needed = ['name', 'kind', 'tags', 'expect', ...more.needed];
  const o = objectAt(json, at, needed, ['origin', 'note', ...more.allowed]);
  for (const field of ['origin', 'note']) if (o[field] !== undefined) textAt(o[field], inside(at, field));
  const tags = listAt(o['tags'], inside(at, 'tags')).map((t, k) => textAt(t, inside(inside(at, 'tags'), k)));
  return { name: textAt(o['name'], inside(at, 'name')), tags, ...contentOf(kind, o, at) };
}

/** The fields that a kind has besides those of all kinds. */
const FIELDS: Readonly<Record<CaseKind, { readonly needed: readonly string[]; readonly allowed: readonly string[] }>> =
  {
    run: { needed: ['program', 'args'], allowed: ['conf', 'runs'] },
    session: { needed: ['steps'], allowed: [] },
    parse: { needed: ['program'], allowed: [] },
    parse_type: { needed: ['program'], allowed: [] },
    parse_program: { needed: ['program'], allowed: [] },
    typecheck: { needed: ['program'], allowed: [] },
    macro: { needed: ['program', 'macros'], allowed: [] },
    type_alias: { needed: ['program', 'aliases'], allowed: [] },
    infer: { needed: ['program'], allowed: [] },
  };

function contentOf(kind: CaseKind, o: JsonObject, at: Place): RunCase | SessionCase | TextCase {
  const want = inside(at, 'expect');
  switch (kind) {
    case 'run':
      return runOf(o, at);
    case 'session': {
      const steps = listAt(o['steps'], inside(at, 'steps'));
      if (steps.length === 0) mustBe(inside(at, 'steps'), 'one step or more', steps);
      return { kind, steps: stepsOf(steps, inside(at, 'steps')), expect: errorOr(o['expect'], want, wantValueOf) };
    }
    case 'typecheck':
      return textCase(kind, o, at, '', errorOr(o['expect'], want, wantTypeOf));
    case 'parse_program':
      return textCase(kind, o, at, '', errorOr(o['expect'], want, wantOkOrPrintOf));
    case 'macro':
      return textCase(kind, o, at, textAt(o['macros'], inside(at, 'macros')), errorOr(o['expect'], want, wantPrintOf));
    case 'type_alias':
      return textCase(
        kind,
        o,
        at,
        textAt(o['aliases'], inside(at, 'aliases')),
        errorOr(o['expect'], want, wantPrintOf),
      );
    case 'parse':
    case 'parse_type':
    case 'infer':
      return textCase(kind, o, at, '', errorOr(o['expect'], want, wantPrintOf));
    default:
      return kind satisfies never;
  }
}

function textCase(kind: TextKind, o: JsonObject, at: Place, definitions: string, expect: TextCase['expect']): TextCase {
  return { kind, program: textAt(o['program'], inside(at, 'program')), definitions, expect };
}

function runOf(o: JsonObject, at: Place): RunCase {
  const args = inside(at, 'args');
  const conf = inside(at, 'conf');
  const settings = o['conf'] === undefined ? {} : objectAt(o['conf'], conf, [], ['threads', 'memoryLimitBytes']);
  return {
    kind: 'run',
    program: textAt(o['program'], inside(at, 'program')),
    args: listAt(o['args'], args).map((a, k) => typedValueAt(a, inside(args, k))),
    expect: errorOr(o['expect'], inside(at, 'expect'), wantValueOf),
    threads: countAt(settings['threads'], inside(conf, 'threads'), 1),
    memoryLimitBytes: countAt(settings['memoryLimitBytes'], inside(conf, 'memoryLimitBytes'), 1),
    runs: countAt(o['runs'], inside(at, 'runs'), 1) ?? 1,
  };
}

function stepsOf(steps: readonly Json[], at: Place): readonly SessionStep[] {
  const bound = new Set<string>();
  return steps.map((json, k) => {
    const place = inside(at, k);
    const o = objectAt(json, place, ['program', 'args'], ['bind', 'resultType']);
    const args = inside(place, 'args');
    const step: SessionStep = {
      program: textAt(o['program'], inside(place, 'program')),
      args: listAt(o['args'], args).map((a, i) => stepArgument(a, inside(args, i), bound)),
      bind: o['bind'] === undefined ? null : textAt(o['bind'], inside(place, 'bind')),
      resultType: o['resultType'] === undefined ? null : typeAt(o['resultType'], inside(place, 'resultType')),
    };
    if (step.bind !== null) bound.add(step.bind);
    return step;
  });
}

function stepArgument(json: Json, at: Place, bound: ReadonlySet<string>): StepArgument {
  if (!isObject(json) || json['ref'] === undefined) return typedValueAt(json, at);
  const o = objectAt(json, at, ['type', 'ref']);
  const ref = textAt(o['ref'], inside(at, 'ref'));
  if (!bound.has(ref)) mustBe(inside(at, 'ref'), 'a name that an earlier step binds', ref);
  return { type: typeAt(o['type'], inside(at, 'type')), ref };
}

/** An expectation: an error, or what `other` reads. */
function errorOr<E>(json: Json | undefined, at: Place, other: (o: JsonObject, at: Place) => E): E | WantError {
  if (!isObject(json)) return mustBe(at, 'an object', json);
  if (json['error'] === undefined) return other(json, at);
  const o = objectAt(json, at, ['error']);
  return { expect: 'error', kind: wordAt(o['error'], inside(at, 'error'), ERRORS) };
}

function wantValueOf(json: JsonObject, at: Place): WantValue {
  const o = objectAt(json, at, ['type', 'value'], ['compare']);
  const type = typeAt(o['type'], inside(at, 'type'));
  const value = wantAt(type, o['value'] ?? null, inside(at, 'value'));
  return { expect: 'value', type, value, tolerance: toleranceOf(o['compare'], inside(at, 'compare')) };
}

function toleranceOf(json: Json | undefined, at: Place): Tolerance {
  if (json === undefined) return { within: 'exact' };
  const o = objectAt(json, at, [], ['abs', 'rel']);
  const [entry, ...more] = Object.entries(o);
  if (entry === undefined || more.length > 0) return mustBe(at, '{"abs": t} or {"rel": t}', json);
  const [rule, of] = entry;
  if (typeof of !== 'number' || !(of >= 0)) return mustBe(inside(at, rule), 'a number that is not negative', of);
  return { within: rule === 'abs' ? 'abs' : 'rel', of };
}

function wantPrintOf(json: JsonObject, at: Place): WantPrint {
  const o = objectAt(json, at, [], ['print', 'printTyped', 'compare']);
  const plain = o['print'] === undefined ? null : textAt(o['print'], inside(at, 'print'));
  const typed = o['printTyped'] === undefined ? null : textAt(o['printTyped'], inside(at, 'printTyped'));
  if (plain === null && typed === null) mustBe(at, 'an error or a print', json);
  const alpha = o['compare'] !== undefined;
  if (alpha) wordAt(o['compare'], inside(at, 'compare'), ['alpha']);
  return { expect: 'print', plain, typed, alpha };
}

function wantOkOrPrintOf(json: JsonObject, at: Place): WantPrint | WantOk {
  if (json['ok'] === undefined) return wantPrintOf(json, at);
  const o = objectAt(json, at, ['ok']);
  return o['ok'] === true ? { expect: 'ok' } : mustBe(inside(at, 'ok'), 'true', o['ok']);
}

function wantTypeOf(json: JsonObject, at: Place): WantType {
  const o = objectAt(json, at, ['type']);
  return { expect: 'type', text: textAt(o['type'], inside(at, 'type')).replace(/\s/g, '') };
}
