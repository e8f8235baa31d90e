/**
 * Executes the examples of `language.md`, `semantics.md` and `numerics.md`, and holds what they list (reserved words,
 * forms, built-in macros) against the compiler. How an example is written is said at the top of `language.md`:
 *
 *     ```weld            a program; comments say what goes in (`# args:`) and what comes out (`# gives:`, `# error:`)
 *     ```weld NAME.weld  the same; the console blocks of the document may name it
 *     ```weld lines      an expression a line, with its type and value, or its error, behind `#`
 *     ```weld session    programs one after the other, each separated by an empty line; `# keep:` names a value
 *     ```console         `$` lines are commands, the lines below what they print
 *     ```ts              stands in this file, word for word
 */

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { extern, resolveExterns } from '../compiler/core/externs.ts';
import { decodeJson, encodeJson, type Json } from '../compiler/core/json.ts';
import { RESERVED_WORDS } from '../compiler/core/words.ts';
import {
  F64,
  I64,
  type IValue,
  interpret,
  type PrimTable,
  type Program,
  resultType,
  typeText,
  vec,
  WeldError,
} from '../compiler/index.ts';
import { optimize } from '../compiler/pipeline.ts';
import { BUILTIN_MACROS } from '../compiler/syntax/builtins.ts';
import { isForm } from '../compiler/syntax/forms.ts';
import { weldc } from '../compiler/testing/weldc.ts';
import { parseProgram, parseType } from '../compiler/text.ts';

// The externs of `language.md`.
const clip = extern('clip', [F64, F64], F64, (x: number, most: number) => Math.min(x, most), { pure: true });
const backwards = extern('backwards', [vec(I64)], vec(I64), (v: BigInt64Array) => v.slice().reverse(), { pure: true });
const externs: PrimTable = new Map([clip, backwards].map((f) => [f.name, f]));

const DOCUMENTS = ['language', 'semantics', 'numerics'];

interface Example {
  readonly line: number;
  readonly language: string;
  readonly mode: string;
  readonly body: string;
}

function examplesOf(text: string): readonly Example[] {
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    (m): Example => ({
      line: text.slice(0, m.index).split('\n').length,
      language: m[1] ?? '',
      mode: m[2] ?? '',
      body: m[3] ?? '',
    }),
  );
}

/** Values that the programs of a session have left. */
type Kept = Map<string, IValue>;

/** What a program gives: `type value` or `code: message`. After all passes it gives the same. */
function outcome(text: string, args: readonly Json[], kept: Kept, keep: string | null = null): string {
  const plain = outcomeOf(text, args, kept, keep, (p) => p);
  const optimized = outcomeOf(text, args, kept, keep, (p) => optimize(p, { check: true }).program);
  // A fused loop may say the same in other words.
  expect(optimized.replace(/^(W6\d{3}): .*/, '$1')).toBe(plain.replace(/^(W6\d{3}): .*/, '$1'));
  return plain;
}

function outcomeOf(
  text: string,
  args: readonly Json[],
  kept: Kept,
  keep: string | null,
  pass: (p: Program) => Program,
): string {
  try {
    const p = pass(resolveExterns(parseProgram(text), externs));
    const values = p.body.params.map((s, k) => argument(typeText(p.syms.type(s)), args[k] ?? null, kept));
    const value = interpret(p, values, { prims: externs, fuel: 1_000_000 });
    const type = resultType(p);
    if (keep === null) return `${typeText(type)} ${JSON.stringify(encodeJson(type, value))}`;
    kept.set(keep, value);
    return 'kept';
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    expect(e.diagnostics[0]?.origin?.kind, e.message).toBe('text');
    return `${e.code}: ${e.diagnostics[0]?.message}`;
  }
}

function argument(type: string, arg: Json, kept: Kept): IValue {
  if (typeof arg !== 'object' || arg === null || !('ref' in arg)) return decodeJson(parseType(type), arg);
  const value = kept.get(String(arg.ref));
  if (value === undefined) throw new Error(`nothing was kept as ${String(arg.ref)}`);
  return value;
}

/** `type value` as `outcome` writes it. */
function given(text: string): string {
  const [, word = '', value = ''] = /^(\S+) (.*)$/.exec(text) ?? [];
  const type = parseType(word);
  const json: Json = JSON.parse(value);
  return `${word} ${JSON.stringify(encodeJson(type, decodeJson(type, json)))}`;
}

/** Holds what came out against what an example says: an error may be given by its code alone. */
function check(found: string, gives: string | undefined, error: string | undefined): void {
  if (gives !== undefined) expect(found).toBe(given(gives));
  else if (error === undefined) throw new Error('an example says what it gives, or its error');
  else if (/^W\d{4}$/.test(error)) expect(found).toMatch(new RegExp(`^${error}: `));
  else expect(found).toBe(error);
}

const said = (body: string, key: string): string | undefined => new RegExp(`^# ${key}: (.*)$`, 'm').exec(body)?.[1];

function runProgram(body: string, kept: Kept = new Map()): void {
  const args: Json = JSON.parse(said(body, 'args') ?? '[]');
  if (!Array.isArray(args)) throw new Error('the arguments are an array');
  const keep = said(body, 'keep') ?? null;
  const found = outcome(body, args, kept, keep);
  if (keep === null) check(found, said(body, 'gives'), said(body, 'error'));
  else expect(found).toBe('kept');
}

function runLines(body: string): void {
  for (const line of body.trimEnd().split('\n')) {
    const [, expression = '', says = ''] = /^(.*?) +# (?!.* # )(.*)$/.exec(line) ?? [];
    const error = /^error (.*)$/.exec(says)?.[1];
    const found = outcome(`|| ${expression}`, [], new Map());
    try {
      check(found, error === undefined ? says : undefined, error);
    } catch (e) {
      throw new Error(`${expression}\n  says  ${says}\n  gives ${found}`, { cause: e });
    }
  }
}

/** The words of a command line; single quotes keep blanks. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');

const w = weldc();
afterAll(() => w.clean());

async function runConsole(body: string): Promise<void> {
  for (const part of body.split(/^\$ /m).slice(1)) {
    const [command = '', ...printed] = part.split('\n');
    const [name, ...argv] = wordsOf(command);
    expect(name).toBe('weldc');
    const { out, err } = await w.run(argv);
    expect(out + err, command).toBe(printed.join('\n'));
  }
}

const OWN_TEXT = readFileSync(new URL(import.meta.url), 'utf8');

async function runExample(e: Example): Promise<void> {
  switch (`${e.language} ${e.mode}`) {
    case 'weld lines':
      return runLines(e.body);
    case 'weld session': {
      const kept: Kept = new Map();
      for (const part of e.body.split('\n\n')) runProgram(part, kept);
      return;
    }
    case 'console ':
      return runConsole(e.body);
    case 'ts ':
      return expect(OWN_TEXT).toContain(e.body);
    default:
      if (e.mode.endsWith('.weld')) w.file(e.mode, e.body);
      else expect(e.mode).toBe('');
      runProgram(e.body);
  }
}

describe.each(DOCUMENTS)('spec/%s.md', (name) => {
  const text = readFileSync(`spec/${name}.md`, 'utf8');
  const examples = examplesOf(text);
  const executed = examples.filter((e) => ['weld', 'console', 'ts'].includes(e.language));
  it.each(executed.map((e) => [e.line, e] as const))('line %i', async (_line, e) => {
    await runExample(e);
  });

  it('has examples of known kinds, and lines that fit', () => {
    for (const e of examples) expect(['weld', 'console', 'ts', 'text', 'ebnf']).toContain(e.language);
    expect(text.split('\n').filter((l) => l.length > 120 && !l.startsWith('|'))).toEqual([]);
  });
});

describe('spec/language.md lists what there is', () => {
  const text = readFileSync('spec/language.md', 'utf8');

  it('reserved words', () => {
    const [, list = ''] = /These words are reserved:\n\n([\s\S]*?)\n\n\S/.exec(text) ?? [];
    expect(
      list
        .split(/\s+/)
        .filter((x) => x !== '')
        .sort(),
    ).toEqual([...RESERVED_WORDS].sort());
  });

  it('forms', () => {
    for (const word of RESERVED_WORDS) if (isForm(word)) expect(text).toMatch(new RegExp(`\`[^\`\n]*\\b${word}\\b`));
  });

  it('built-in macros', () => {
    const definitions = text.split('\n').filter((l) => /^macro (map|filter|flatten|sum|compare)\(/.test(l));
    expect(definitions.filter((l) => !l.startsWith('macro map(x)'))).toEqual([...BUILTIN_MACROS.values()]);
  });
});
