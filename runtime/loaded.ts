/**
 * An artifact in a session: its code loaded, run as a whole or by its stages over columns that come in batches. The code
 * of the stages is loaded when the first stream asks for it.
 */

import { fail, type Manifest, type StageName, type Type, type Value } from '../compiler/index.ts';
import type { ArtifactParts, SavedCode } from './artifact.ts';
import type { DeviceProgram } from './device.ts';
import { DISPOSE } from './dispose.ts';
import { type Given, valuesOf } from './given.ts';
import type { Artifact, RunOptions } from './options.ts';
import {
  type Batch,
  checkStreamed,
  type Host,
  type PartialArgs,
  type Partitioned,
  Stages,
  streamBatches,
  streamedOf,
} from './stream/partitions.ts';

/** What an artifact asks of its session. */
export interface ArtifactHost {
  load(code: Uint8Array): Promise<DeviceProgram>;
  unload(program: DeviceProgram): void;
  run(code: SavedCode, program: DeviceProgram, args: readonly Value[], options: RunOptions): Promise<Value>;
  release(value: Value): void;
  forget(value: Value): void;
}

export class LoadedArtifact implements Artifact {
  readonly manifest: Manifest;
  readonly paramTypes: readonly Type[];
  readonly resultType: Type;
  readonly #parts: ArtifactParts;
  readonly #host: ArtifactHost;
  readonly #whole: DeviceProgram;
  readonly #stages = new Map<StageName, Promise<DeviceProgram>>();
  #isLoaded = true;

  private constructor(parts: ArtifactParts, host: ArtifactHost, whole: DeviceProgram) {
    const { params, resultType } = parts.whole.plan;
    this.manifest = parts.manifest;
    this.paramTypes = params.map(({ ty }) => ty);
    this.resultType = resultType;
    this.#parts = parts;
    this.#host = host;
    this.#whole = whole;
  }

  static async load(parts: ArtifactParts, host: ArtifactHost): Promise<LoadedArtifact> {
    return new LoadedArtifact(parts, host, await host.load(parts.whole.bytes));
  }

  async run(args: readonly Given[], options: RunOptions = {}): Promise<Value> {
    this.#checkLoaded();
    return this.#host.run(this.#parts.whole, this.#whole, valuesOf(args, this.paramTypes), options);
  }
  async stream(
    args: PartialArgs,
    batches: AsyncIterable<Batch> | Iterable<Batch>,
    options: RunOptions = {},
  ): Promise<Value> {
    return streamBatches(await this.#begin(args, options), batches, options.signal ?? null);
  }
  async partition(args: PartialArgs, options: RunOptions = {}): Promise<Partitioned> {
    return (await this.#begin(args, options)).partitioned();
  }

  unload(): void {
    if (!this.#isLoaded) return;
    this.#isLoaded = false;
    this.#host.unload(this.#whole);
    for (const program of this.#stages.values()) {
      program.then(
        (p) => this.#host.unload(p),
        () => {},
      );
    }
  }
  [DISPOSE](): void {
    this.unload();
  }

  async #begin(args: PartialArgs, options: RunOptions): Promise<Stages> {
    this.#checkLoaded();
    const { stages } = this.#parts;
    if (stages === null) {
      return fail('W8006', 'the artifact was built without the stages of a stream', {
        help: 'build it again and name the columns that come in batches: weldc build FILE -o DIR --stream NAMES',
      });
    }
    checkStreamed(this.paramTypes, args);
    const streamed = streamedOf(args);
    if (streamed.join() !== stages.streamed.join()) {
      const numbers = (list: readonly number[]): string => list.map((k) => k + 1).join(' and ');
      fail('W8006', `the artifact streams the arguments ${numbers(stages.streamed)}, null are ${numbers(streamed)}`, {
        help: 'give null for those that it streams, or build it again with another --stream',
      });
    }
    const host: Host = {
      evaluate: (name, values, asked) => this.#runStage(name, stages.code[name], values, asked),
      release: (value) => this.#host.release(value),
      forget: (value) => this.#host.forget(value),
    };
    return Stages.begin(host, stages, this.paramTypes, args, options);
  }
  async #runStage(name: StageName, code: SavedCode, args: readonly Value[], options: RunOptions): Promise<Value> {
    this.#checkLoaded();
    const program = this.#stages.get(name) ?? this.#host.load(code.bytes);
    this.#stages.set(name, program);
    return this.#host.run(code, await program, args, options);
  }
  #checkLoaded(): void {
    if (!this.#isLoaded) fail('W8009', 'the artifact was unloaded', { help: 'load it again' });
  }
}
