/**
 * Artifacts on disk: a compiled program as a folder of files (`spec/artifact.md`), written by `weldc build` and run by
 * `session.load(folder)`. Loading reads no program text and compiles none, so it needs neither the parser nor the code
 * generator. Whoever can write to the folder can run code in the session's memory: load only what you have built or
 * trust. The hashes in the manifest find damage, not malice.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ARTIFACT_FORMAT,
  type Compiled,
  decodeManifest,
  decodePlan,
  eachStage,
  encodeManifest,
  encodePlan,
  externsOf,
  fail,
  type Manifest,
  type Plan,
  printProgram,
  STAGES,
  type StageName,
  type StageShape,
  typeText,
} from '../compiler/index.ts';

/** What the modules use beyond WebAssembly 1, which every engine that this runs on has. */
const FEATURES = ['atomics', 'bulk-memory', 'nontrapping-fptoint', 'sign-extension', 'simd128'];

/** A compiled program, and its stages where some columns may come in batches. */
export interface CompiledArtifact {
  readonly whole: Compiled;
  readonly stages: (StageShape & { readonly compiled: Readonly<Record<StageName, Compiled>> }) | null;
}

/** Code as an artifact keeps it. */
export interface SavedCode {
  readonly plan: Plan;
  readonly bytes: Uint8Array;
}

/** The feature of code for sessions of more than 4 GiB. */
export const MEMORY64 = 'memory64';

/** What is in an artifact. */
export interface ArtifactParts {
  readonly manifest: Manifest;
  readonly whole: SavedCode;
  readonly stages: (StageShape & { readonly code: Readonly<Record<StageName, SavedCode>> }) | null;
}

/** The two files of a piece of code. */
interface Place {
  readonly plan: string;
  readonly code: string;
}
const WHOLE: Place = { plan: 'plan.json', code: 'kernels.wasm' };
const placeOf = (stage: StageName): Place => ({ plan: `stages/${stage}.json`, code: `stages/${stage}.wasm` });

/** Writes an artifact, over one that is there. W8006 when the folder cannot be written. */
export function writeArtifact(
  folder: string,
  { whole, stages }: CompiledArtifact,
  weld: string,
  { optimized, memory64 }: { readonly optimized: boolean; readonly memory64: boolean },
): Manifest {
  const pieces: readonly (readonly [Place, Compiled])[] = [
    [WHOLE, whole],
    ...(stages === null ? [] : STAGES.map((name) => [placeOf(name), stages.compiled[name]] as const)),
  ];
  const files = new Map([['program.weld', utf8(printProgram(whole.optimized))]]);
  for (const [at, { plan, wasm }] of pieces) {
    files.set(at.plan, utf8(encodePlan(plan)));
    files.set(at.code, wasm.bytes);
  }
  const manifest: Manifest = {
    format: ARTIFACT_FORMAT,
    weld,
    target: 'wasm',
    params: whole.plan.params.map(({ ty }) => typeText(ty)),
    result: typeText(whole.plan.resultType),
    features: memory64 ? [...FEATURES, MEMORY64] : FEATURES,
    externs: [...new Set(pieces.flatMap(([, { plan }]) => externsOf(plan.body)))].sort(),
    optimized,
    stages: stages === null ? null : shapeOf(stages),
    hash: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])),
  };
  try {
    for (const [name, bytes] of files) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    writeFileSync(join(folder, 'manifest.json'), encodeManifest(manifest));
  } catch (e) {
    fail('W8006', `cannot write the artifact to ${folder}: ${reason(e)}`, { help: 'name a folder to write to' });
  }
  return manifest;
}

function shapeOf({ streamed, fixed, kept, states, late, readsIndex }: StageShape): StageShape {
  return { streamed, fixed, kept, states, late, readsIndex };
}

/** Reads an artifact. W7001 for a folder without one or with a damaged one, W7002 for one of another version. */
export function readArtifact(folder: string): ArtifactParts {
  const manifest = decodeManifest(text(read(folder, 'manifest.json')));
  const file = (name: string): Uint8Array => {
    const bytes = read(folder, name);
    if (sha256(bytes) === manifest.hash[name]) return bytes;
    return fail('W7001', `${join(folder, name)} is not the file that the manifest was written for`, {
      help: 'build the artifact again',
    });
  };
  const saved = (at: Place): SavedCode => ({ plan: decodePlan(text(file(at.plan))), bytes: file(at.code) });
  file('program.weld');
  const { stages } = manifest;
  return {
    manifest,
    whole: saved(WHOLE),
    stages: stages === null ? null : { ...stages, code: eachStage((name) => saved(placeOf(name))) },
  };
}

function read(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (e) {
    return fail('W7001', `there is no artifact in ${folder}: ${name}: ${reason(e)}`, {
      help: `make one: weldc build FILE.weld -o ${folder}`,
    });
  }
}

function reason(e: unknown): string {
  const code = e instanceof Error && 'code' in e ? String(e.code) : '';
  return code === 'ENOENT' ? 'there is no such file' : code === '' ? String(e) : code;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
