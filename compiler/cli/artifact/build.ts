/**
 * `weldc build`: a program, or the pipeline that a JavaScript module exports, compiled into an artifact.
 *
 * A pipeline is the default export of a module: a lazy frame, array, tensor or scalar. Its data are the parameters of
 * the artifact, in the order in which the pipeline first uses them; they are not saved. With `--stream` the stages are
 * compiled, too, by which some of them may come in batches.
 */

import { pathToFileURL } from 'node:url';
import type { CompiledArtifact } from '../../../runtime/artifact.ts';
import { STAGES, type StageName } from '../../artifact/stages.ts';
import { type Compiled, type CompileOptions, compile } from '../../compile.ts';
import { resolveExterns } from '../../core/externs.ts';
import type { Program } from '../../core/program.ts';
import { fail } from '../../diag/diagnostic.ts';
import { type Split, split } from '../../split.ts';
import { parseProgram } from '../../text.ts';
import type { Answer, Invocation } from '../command.ts';
import { version } from '../files.ts';
import { programType, runnable } from '../program.ts';
import { UsageError } from '../report.ts';
import { passSwitches } from '../switches.ts';
import { streamedParams } from './batches.ts';

export async function buildArtifact(x: Invocation): Promise<Answer> {
  const { out, stream, fastMath, optimize, memory } = x.options;
  if (out === null || out === '') throw new UsageError('build needs the folder to write: -o DIR');
  const [{ KERNELS }, { writeArtifact }] = await Promise.all([
    import('../../../kernels/index.ts'),
    import('../../../runtime/artifact.ts'),
  ]);
  const given = isModule(x.name) ? await exportedBy(x.name) : parseProgram(x.text);
  const p = resolveExterns(runnable(given), KERNELS);
  const memory64 = memory !== null && memory > MOST_32;
  const options: CompileOptions = {
    ...(await passSwitches(p, x.env)),
    fastMath,
    optimizeCode: optimize,
    ahead: true,
    memory64,
  };
  const stages = stream === null ? null : await compileStages(split(p, streamedParams(p, stream), options), options);
  const whole = await compile(p, options);
  const manifest = writeArtifact(out, { whole, stages }, version(), { optimized: optimize, memory64 });
  const all = [whole, ...(stages === null ? [] : Object.values(stages.compiled))];
  const [kernels, bytes] = [sum(all.map((c) => c.plan.kernels.length)), sum(all.map((c) => c.wasm.bytes.length))];
  const streamed = stages === null ? '' : `, ${STAGES.length} stages`;
  const text = `wrote ${out}: ${programType(p)}, ${kernels} kernels, ${bytes} bytes of code${streamed}\n`;
  return { text, json: { folder: out, manifest, kernels, code_bytes: bytes } };
}

/** The most memory that 32-bit addresses reach. */
const MOST_32 = 2 ** 32;

async function compileStages(parts: Split, options: CompileOptions): Promise<CompiledArtifact['stages']> {
  const { programs, ...shape } = parts;
  const made = (name: StageName): Promise<Compiled> => compile(programs[name], options);
  const compiled = {
    init: await made('init'),
    run: await made('run'),
    result: await made('result'),
    empty: await made('empty'),
    combine: await made('combine'),
  };
  return { ...shape, compiled };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const isModule = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

/** The program of a module's lazy value. */
async function exportedBy(file: string): Promise<Program> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (e) {
    const unknown = e instanceof Error && 'code' in e && e.code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const why = unknown ? 'this Node.js does not run TypeScript' : e instanceof Error ? e.message : String(e);
    return fail('W8006', `cannot load ${file}: ${why}`, {
      help: unknown ? 'use Node.js 22.18 or later, or build the JavaScript that tsc makes of it' : null,
    });
  }
  const value = module['default'];
  if (isLazy(value)) return value.toProgram().program;
  return fail(
    'W8006',
    `${file} must export a lazy value by default, found ${value === undefined ? 'nothing' : typeof value}`,
    {
      help: 'write: export default flights.filter(..)',
    },
  );
}

interface Lazy {
  toProgram(): { readonly program: Program };
}
const isLazy = (x: unknown): x is Lazy =>
  typeof x === 'object' && x !== null && 'toProgram' in x && typeof x.toProgram === 'function';
