/**
 * Runs the text tests of `spec/programs`. `UPDATE_GOLDEN=1` writes what came out as what is expected; the difference is
 * then reviewed like code. The form of a text test is described in `compiler/testing/filetest.ts`; besides its commands
 * there is `optimize`: the program after all passes, and `fast-math(<pass>)`: after a pass that may use real arithmetic.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Program, printProgram } from '../compiler/index.ts';
import { DEFAULT_PASS_OPTIONS } from '../compiler/options.ts';
import { type Pass, runPasses } from '../compiler/passes/pass.ts';
import { ALL_PASSES, optimize } from '../compiler/pipeline.ts';
import { type FileTestTools, type Passed, readFileTests, runFileTests } from '../compiler/testing/filetest.ts';
import { parseProgram } from '../compiler/text.ts';

const FOLDER = 'spec/programs';
const GOLDEN = process.env['UPDATE_GOLDEN'] === '1';

const tools: FileTestTools = {
  parse: parseProgram,
  pass: (name) => {
    const pass = ALL_PASSES.find((p) => p.name === name);
    return pass && ((p: Program) => runPass(p, pass));
  },
  commands: new Map([
    ['optimize', (p: Program) => printProgram(optimize(p, { check: true }).program)],
    ['fast-math', (p: Program, name: string) => printProgram(fastMath(p, name))],
  ]),
};

/** A test of a pass. */
const isOf = ({ command }: { readonly command: string }, pass: string): boolean =>
  command === `pass(${pass})` || command === `unchanged(${pass})`;

function runPass(p: Program, pass: Pass): Passed {
  const { program, trace } = runPasses(p, [pass], { ...DEFAULT_PASS_OPTIONS, check: true });
  return { program, refused: trace[0]?.refused ?? {} };
}

function fastMath(p: Program, name: string): Program {
  const passes = ALL_PASSES.filter((pass) => pass.name === name);
  return runPasses(p, passes, { ...DEFAULT_PASS_OPTIONS, check: true, fastMath: true }).program;
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.weld'))
  .sort();

describe(FOLDER, () => {
  it('has files', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(files)('%s', (file) => {
    const path = join(FOLDER, file);
    const { results, updated } = runFileTests(readFileSync(path, 'utf8'), tools);
    if (GOLDEN) writeFileSync(path, updated);
    else for (const r of results) expect(r.actual, `${path}:${r.line} ${r.command}`).toBe(r.expected);
  });

  it('has a program for every need of every pass that it refuses', () => {
    const missing = ALL_PASSES.flatMap(({ name, needs = [] }) => {
      const { cases } = readFileTests(readFileSync(join(FOLDER, 'passes', `${name}.weld`), 'utf8'));
      const refused = new Set(cases.filter((c) => isOf(c, name)).flatMap((c) => c.refused));
      return needs.filter((need) => !refused.has(need.name)).map((need) => `${name}/${need.name}`);
    });
    expect(missing).toEqual([]);
  });

  it('has a text test for every pass, with one program that it changes and one that it leaves alone', () => {
    for (const { name } of ALL_PASSES) {
      const text = readFileSync(join(FOLDER, 'passes', `${name}.weld`), 'utf8');
      const cases = runFileTests(text, tools).results.filter((r) => isOf(r, name));
      expect(cases.length, name).toBeGreaterThanOrEqual(2);
    }
  });
});
