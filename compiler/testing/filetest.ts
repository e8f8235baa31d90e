/**
 * Text tests. A `.weld` file holds one or more of these, each from its `# test:` line to the next:
 *
 *     # test: pass(fold)            what to do: roundtrip | verify | pass(<name>) | unchanged(<name>) | run | ..
 *     # arg: [1, 2]                 one line an argument, typed JSON (`run` only)
 *     # refused: index-unread       needs of the pass that refuse a rewrite of this program (`pass` only)
 *     |x: vec[i64]| len(x) + (1L + 2L)
 *     # ---
 *     |x: vec[i64]|                 the expected text, up to blank space at the end
 *       ...
 *
 * `roundtrip` gives the canonical text, after checking that it reads back as the same program; `verify` gives `ok` or
 * the linearity diagnostics; `pass` the text after a pass; `unchanged` that word, when a pass leaves the program alone;
 * `run` the type and value as typed JSON; further commands are the caller's. A WeldError at any point gives `error` and
 * its message. No file is read or written here: the caller has the text, and writes `updated` back when golden files
 * are to be renewed.
 */

import { interpret } from '../core/interp.ts';
import { decodeJson, encodeJson, type Json } from '../core/json.ts';
import { checkLinear } from '../core/linear.ts';
import { printProgram, programKey } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { typeText } from '../core/types.ts';
import type { PrimTable } from '../core/value.ts';
import { verify } from '../core/verify.ts';
import { WeldError } from '../diag/diagnostic.ts';

/** What a pass made of a program, and how often each of its needs refused a rewrite. */
export interface Passed {
  readonly program: Program;
  readonly refused: Readonly<Record<string, number>>;
}

/** What the tests need from the rest of the compiler. */
export interface FileTestTools {
  readonly parse: (text: string) => Program;
  /** The pass of that name, or undefined. */
  readonly pass: (name: string) => ((p: Program) => Passed) | undefined;
  /** Further commands, such as `lower(wasm)`: program and the word in parentheses to text. */
  readonly commands?: ReadonlyMap<string, (p: Program, argument: string) => string>;
  readonly prims?: PrimTable;
}

export interface FileTestResult {
  /** The line of the `# test:` header, from 1. */
  readonly line: number;
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

/** Runs all tests of a file. `updated` is the text of the file with the actual texts as expectations. */
export function runFileTests(
  text: string,
  tools: FileTestTools,
): { readonly results: readonly FileTestResult[]; readonly updated: string } {
  const { preamble, cases } = readFileTests(text);
  const results: FileTestResult[] = [];
  const parts = preamble === '' ? [] : [preamble];
  for (const c of cases) {
    const actual = runCase(c, tools);
    results.push({ line: c.line, command: c.command, expected: c.expected, actual });
    parts.push(`${c.head}\n${SEPARATOR}\n${actual}`);
  }
  return { results, updated: `${parts.join('\n\n')}\n` };
}

const SEPARATOR = '# ---';

/** One test, as written. */
export interface FileTest {
  readonly line: number;
  /** Everything above the separator, as written. */
  readonly head: string;
  readonly command: string;
  readonly source: string;
  readonly args: readonly string[];
  /** Needs that refuse a rewrite. */
  readonly refused: readonly string[];
  readonly expected: string;
}

/** The tests of a file, and what stands before them. */
export function readFileTests(text: string): { readonly preamble: string; readonly cases: readonly FileTest[] } {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, k) => (line.startsWith('# test:') ? [k] : []));
  if (starts.length === 0) throw new Error('a text test needs a line "# test: <command>"');
  const cases = starts.map((from, k): FileTest => {
    const own = lines.slice(from, starts[k + 1] ?? lines.length);
    const bar = own.findIndex((l) => l.trimEnd() === SEPARATOR);
    const head = own.slice(0, bar < 0 ? own.length : bar);
    return {
      line: from + 1,
      head: head.join('\n').trimEnd(),
      command: (head[0] ?? '').slice('# test:'.length).trim(),
      source: head.slice(1).join('\n'),
      args: saidIn(head, '# arg:'),
      refused: saidIn(head, '# refused:').flatMap((names) => names.trim().split(/,\s*/)),
      expected:
        bar < 0
          ? ''
          : own
              .slice(bar + 1)
              .join('\n')
              .trimEnd(),
    };
  });
  return { preamble: lines.slice(0, starts[0]).join('\n').trimEnd(), cases };
}

const saidIn = (head: readonly string[], word: string): readonly string[] =>
  head.flatMap((l) => (l.startsWith(word) ? [l.slice(word.length)] : []));

function runCase(c: FileTest, tools: FileTestTools): string {
  const [, word = '', argument = ''] = /^([\w-]+)(?:\((.*)\))?$/.exec(c.command) ?? [];
  try {
    return runCommand(word, argument, tools.parse(c.source), c, tools).trimEnd();
  } catch (e) {
    if (e instanceof WeldError) return `error ${e.message}`;
    throw e;
  }
}

function runCommand(word: string, argument: string, p: Program, c: FileTest, tools: FileTestTools): string {
  switch (word) {
    case 'roundtrip': {
      const text = printProgram(p);
      const again = reread(text, c, tools);
      if (programKey(again) !== programKey(p)) {
        throw new Error(`line ${c.line}: the canonical text reads back as another program:\n${text}`);
      }
      return text;
    }
    case 'verify': {
      const found = checkLinear(p);
      if (found.length > 0) return found.map((d) => `${d.code}: ${d.message}`).join('\n');
      verify(p);
      return 'ok';
    }
    case 'pass':
    case 'unchanged': {
      const pass = tools.pass(argument);
      if (pass === undefined) throw new Error(`line ${c.line}: there is no pass ${argument}`);
      const { program, refused } = pass(p);
      for (const need of c.refused) {
        if (refused[need] !== undefined) continue;
        const found = Object.keys(refused).join(', ');
        throw new Error(`line ${c.line}: ${need} refused nothing${found === '' ? '' : `, but ${found} did`}`);
      }
      verify(program);
      return word === 'unchanged' && program === p ? 'unchanged' : printProgram(program);
    }
    case 'run': {
      verify(p);
      const values = p.body.params.map((s, k) => decodeJson(p.syms.type(s), parseJson(c.args[k] ?? 'null', c.line)));
      const value = interpret(p, values, tools.prims === undefined ? {} : { prims: tools.prims });
      const ty = resultType(p);
      return `${typeText(ty)} ${JSON.stringify(encodeJson(ty, value))}`;
    }
    default: {
      const command = tools.commands?.get(word);
      if (command === undefined) throw new Error(`line ${c.line}: unknown command "${c.command}"`);
      return command(p, argument);
    }
  }
}

/** Canonical text that the parser refuses is a fault, not an outcome. */
function reread(text: string, c: FileTest, tools: FileTestTools): Program {
  try {
    return tools.parse(text);
  } catch (e) {
    throw new Error(`line ${c.line}: the canonical text is refused:\n${text}`, { cause: e });
  }
}

function parseJson(text: string, line: number): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`line ${line}: "# arg:${text}" is not JSON`);
  }
}
