/**
 * Artifacts on disk: a compiled program as a folder of four files (`spec/artifact.md`), written by `weldc build` and run
 * by `session.load(folder)`. Loading reads no program text and compiles none, so it needs neither the parser nor the
 * code generator.
 *
 * Whoever can write to the folder can run code in the session's memory: load only what you have built or trust. The
 * hashes in the manifest find damage, not malice.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ARTIFACT_FILES,
  ARTIFACT_FORMAT,
  type ArtifactFile,
  type Compiled,
  decodeManifest,
  decodePlan,
  encodeManifest,
  encodePlan,
  externsOf,
  fail,
  type Manifest,
  type Plan,
  printProgram,
  typeText,
} from '../compiler/index.ts';

/** What the modules use beyond WebAssembly 1, which every engine that this runs on has. */
const FEATURES = ['atomics', 'bulk-memory', 'nontrapping-fptoint', 'sign-extension', 'simd128'];

/** What is in an artifact. */
export interface ArtifactParts {
  readonly manifest: Manifest;
  readonly plan: Plan;
  readonly code: Uint8Array;
}

/** Writes an artifact, over one that is there. W8006 when the folder cannot be written. */
export function writeArtifact(folder: string, compiled: Compiled, weld: string, optimized: boolean): Manifest {
  const { plan, wasm } = compiled;
  const files: Readonly<Record<ArtifactFile, Uint8Array>> = {
    'program.weld': utf8(printProgram(compiled.optimized)),
    'plan.json': utf8(encodePlan(plan)),
    'kernels.wasm': wasm.bytes,
  };
  const manifest: Manifest = {
    format: ARTIFACT_FORMAT,
    weld,
    target: 'wasm',
    params: plan.params.map(({ ty }) => typeText(ty)),
    result: typeText(plan.resultType),
    features: FEATURES,
    externs: externsOf(plan.body),
    optimized,
    hash: Object.fromEntries(ARTIFACT_FILES.map((name) => [name, sha256(files[name])])) as Manifest['hash'],
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of ARTIFACT_FILES) writeFileSync(join(folder, name), files[name]);
    writeFileSync(join(folder, 'manifest.json'), encodeManifest(manifest));
  } catch (e) {
    fail('W8006', `cannot write the artifact to ${folder}: ${reason(e)}`, { help: 'name a folder to write to' });
  }
  return manifest;
}

/** Reads an artifact. W7001 for a folder without one or with a damaged one, W7002 for one of another version. */
export function readArtifact(folder: string): ArtifactParts {
  const manifest = decodeManifest(text(read(folder, 'manifest.json')));
  const file = (name: ArtifactFile): Uint8Array => {
    const bytes = read(folder, name);
    if (sha256(bytes) === manifest.hash[name]) return bytes;
    return fail('W7001', `${join(folder, name)} is not the file that the manifest was written for`, {
      help: 'build the artifact again',
    });
  };
  file('program.weld');
  return { manifest, plan: decodePlan(text(file('plan.json'))), code: file('kernels.wasm') };
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
