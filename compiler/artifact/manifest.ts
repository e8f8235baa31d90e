/**
 * What an artifact says of itself: `manifest.json`, the first file that is read and the only one that is trusted to say
 * whether the others can be. See `spec/artifact.md`.
 */

import { fail } from '../diag/diagnostic.ts';
import type { StageShape } from './stages.ts';

/** Raised by whatever changes the meaning of a file of the artifact. */
export const ARTIFACT_FORMAT = 2;

export interface Manifest {
  readonly format: number;
  /** The version of weld-ts that built it. */
  readonly weld: string;
  readonly target: 'wasm';
  /** The types of the parameters and of the result, as text. */
  readonly params: readonly string[];
  readonly result: string;
  /** WebAssembly features that the module uses beyond version 1. */
  readonly features: readonly string[];
  /** Names of the primitives and externs that it calls: the session has to have them. */
  readonly externs: readonly string[];
  readonly optimized: boolean;
  /** The stages by which some columns may come in batches; null where none were asked for. */
  readonly stages: StageShape | null;
  /** SHA-256 of each file besides this one, in hexadecimal digits. */
  readonly hash: Readonly<Record<string, string>>;
}

export const encodeManifest = (m: Manifest): string => `${JSON.stringify(m, null, 2)}\n`;

/** W7001 for what is no manifest, W7002 for one of another version. */
export function decodeManifest(text: string): Manifest {
  let m: Partial<Manifest>;
  try {
    m = JSON.parse(text) as Partial<Manifest>;
  } catch (e) {
    return fail('W7001', `the manifest of the artifact is not JSON: ${e instanceof Error ? e.message : String(e)}`, {
      help: 'build the artifact again',
    });
  }
  if (typeof m !== 'object' || m === null || typeof m.format !== 'number') {
    return fail('W7001', 'the manifest of the artifact has no format', { help: 'build the artifact again' });
  }
  if (m.format !== ARTIFACT_FORMAT) {
    return fail('W7002', `the artifact has format ${m.format}, this version reads ${ARTIFACT_FORMAT}`, {
      help: `build it again with this version${m.weld === undefined ? '' : `, or run it with weld-ts ${m.weld}`}`,
    });
  }
  const missing = (['weld', 'params', 'result', 'features', 'externs', 'stages', 'hash'] as const).filter(
    (key) => m[key] === undefined,
  );
  if (missing.length > 0) {
    return fail('W7001', `the manifest of the artifact has no ${missing.join(', ')}`, {
      help: 'build the artifact again',
    });
  }
  return m as Manifest;
}
