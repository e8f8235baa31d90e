/**
 * The layer law of the house, enforced by scanning import lines: who may import whom, and which single file may load
 * each heavy dependency. A new folder or door is added here in the same commit as the code.
 */

import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from './sources.ts';

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** Every import of a file; relative targets as paths from the root. */
function importsOf(file: string): readonly Import[] {
  const found: Import[] = [];
  for (const m of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const name = m[2] ?? m[3] ?? '';
    const target = name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
    found.push({ file, target, typeOnly: m[1] !== undefined });
  }
  return found;
}

const all = sources().flatMap(importsOf);
const isTest = (file: string): boolean => file.endsWith('.test.ts') || /^(compiler|kernels)\/testing\//.test(file);
const inside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
const isLocal = (i: Import): boolean => /^(compiler|runtime|kernels|frontends|programs|bench|spec)\//.test(i.target);

/** What each layer may import besides itself: folders (ending in /) or exact files. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  compiler: [],
  kernels: ['compiler/index.ts', 'compiler/kernels.ts'],
  runtime: ['compiler/index.ts', 'compiler/text.ts', 'compiler/kernels.ts', 'kernels/index.ts'],
  frontends: ['compiler/index.ts', 'runtime/index.ts'],
  programs: ['frontends/frame/index.ts', 'frontends/array/index.ts', 'frontends/tensor/index.ts', 'runtime/index.ts'],
};

/** Inside the compiler: folder -> folders it may import. `compiler/cli` is the roof: it sees the runtime too. */
const COMPILER: Readonly<Record<string, readonly string[]>> = {
  diag: ['diag'],
  core: ['core', 'diag'],
  syntax: ['syntax', 'core', 'diag'],
  analysis: ['analysis', 'core', 'diag'],
  passes: ['passes', 'core', 'analysis', 'diag'],
  sir: ['sir', 'diag'],
  lower: ['lower', 'core', 'analysis', 'sir', 'diag'],
  target: ['target', 'sir', 'diag'],
  artifact: ['artifact', 'core', 'sir', 'diag'],
};

/** Plain data that a folder may also import: options and the constants of the cost model have no behaviour. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  passes: ['compiler/options.ts', 'compiler/spans.ts'],
  // What a math function is: the library code, run on one number.
  core: ['compiler/sir/lib/evaluate.ts'],
  sir: [
    'compiler/analysis/cost.ts',
    'compiler/core/types.ts',
    'compiler/core/amount.ts',
    'compiler/core/op.ts',
    'compiler/core/program.ts',
    'compiler/core/scalar.ts',
    'compiler/core/round-even.ts',
  ],
  target: ['compiler/analysis/cost.ts', 'compiler/core/types.ts', 'compiler/core/op.ts', 'compiler/core/scalar.ts'],
};

/** The one file that may load each heavy package. Types may be imported anywhere. */
const DOORS: Readonly<Record<string, string>> = {
  chevrotain: 'compiler/syntax/grammar.ts',
  binaryen: 'compiler/target/wasm/sink-binaryen.ts',
  'apache-arrow': 'runtime/data/arrow.ts',
  hyparquet: 'runtime/data/parquet-codec.ts',
  webgpu: 'runtime/gpu/open.ts',
  'z3-solver': 'compiler/testing/smt/solver.ts',
};

describe('layers', () => {
  it('finds the sources', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  for (const [layer, allowed] of Object.entries(LAYERS)) {
    it(`${layer} imports only ${['itself', ...allowed].join(', ')}`, () => {
      const bad = all.filter(
        (i) =>
          inside(i.file, layer) &&
          !isTest(i.file) &&
          !inside(i.file, 'compiler/cli') &&
          isLocal(i) &&
          !inside(i.target, layer) &&
          !allowed.includes(i.target),
      );
      expect(bad.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
    });
  }

  it('frontends do not import each other, only frontends/core', () => {
    const own = (path: string): string => path.split('/')[1] ?? '';
    const bad = all.filter(
      (i) =>
        inside(i.file, 'frontends') &&
        !isTest(i.file) &&
        inside(i.target, 'frontends') &&
        own(i.target) !== own(i.file) &&
        own(i.target) !== 'core',
    );
    expect(bad.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
  });

  for (const [folder, allowed] of Object.entries(COMPILER)) {
    it(`compiler/${folder} imports only compiler/{${allowed.join(',')}}`, () => {
      const bad = all.filter(
        (i) =>
          inside(i.file, `compiler/${folder}`) &&
          !isTest(i.file) &&
          isLocal(i) &&
          !allowed.some((a) => inside(i.target, `compiler/${a}`)) &&
          !(ALSO[folder] ?? []).includes(i.target),
      );
      expect(bad.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
    });
  }

  it('the compiler touches no node module, clock or environment outside its CLI', () => {
    const pure = sources().filter((f) => inside(f, 'compiler') && !inside(f, 'compiler/cli') && !isTest(f));
    const nodes = all.filter((i) => pure.includes(i.file) && i.target.startsWith('node:'));
    expect(nodes.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
    const touching = pure.filter((f) =>
      /\b(process\.|Date\.now|performance\.now|Math\.random)/.test(readFileSync(f, 'utf8')),
    );
    expect(touching).toEqual([]);
  });

  it('nothing imports bench or spec', () => {
    const bad = all.filter(
      (i) =>
        (inside(i.target, 'bench') || inside(i.target, 'spec')) && !inside(i.file, 'bench') && !inside(i.file, 'spec'),
    );
    expect(bad.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
  });

  for (const [name, door] of Object.entries(DOORS)) {
    it(`${name} is loaded only by ${door}`, () => {
      const bad = all.filter((i) => i.target === name && i.file !== door && !i.typeOnly && !isTest(i.file));
      expect(bad.map((i) => i.file)).toEqual([]);
    });
  }
});
