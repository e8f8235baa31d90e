/**
 * The programs of a session: externs looked up by name, and what was compiled, in memory and in the cache folder.
 *
 * Programs that are equal up to names are compiled once for equal settings. The least recently used one is forgotten
 * when there are too many; its code is unloaded then.
 */

import {
  compile,
  type Explanation,
  explain,
  fail,
  type Plan,
  type PrimSpec,
  type PrimTable,
  type Program,
  printProgram,
  programKey,
  resolveExterns,
  type Spans,
  type Split,
  span,
  spanAsync,
  split,
} from '../compiler/index.ts';
import { KERNELS } from '../kernels/index.ts';
import { LruCache } from './cache.ts';
import type { CodeFolder } from './code-folder.ts';
import { hasRelaxedMadd } from './cpu/features.ts';
import type { Device, DeviceProgram } from './device.ts';
import type { Env } from './env.ts';
import { foundText } from './given.ts';
import { log } from './log.ts';
import type { CompileSettings, Prepared } from './options.ts';

/** Compiled programs that are kept in memory. */
const CACHE_LIMIT = 256;

/** What a program is compiled with, beside what the environment says. */
interface BuildOptions extends Required<CompileSettings> {
  readonly spans: Spans | null;
  readonly ahead?: boolean;
}

export interface ProgramsOptions {
  readonly device: Device;
  readonly env: Env;
  /** What `fastMath` is where settings say nothing. */
  readonly fastMath: boolean;
  readonly prims: readonly PrimSpec[];
  readonly cacheFolder: string | null;
}

export class Programs {
  readonly #device: Device;
  readonly #env: Env;
  readonly #fastMath: boolean;
  readonly #prims = new Map<string, PrimSpec>(KERNELS);
  readonly #cache = new LruCache<Prepared>(CACHE_LIMIT, (old) => this.#device.unload(old.program));
  readonly #folder: string | null;
  /** The keys of a program by the settings that it was asked with. */
  readonly #keys = new WeakMap<Program, Map<string, string>>();
  /** Programs whose externs have been looked up, by the program as given. */
  #resolved = new WeakMap<Program, Program>();
  #code: CodeFolder | null = null;

  constructor({ device, env, fastMath, prims, cacheFolder }: ProgramsOptions) {
    this.#device = device;
    this.#env = env;
    this.#fastMath = fastMath;
    this.#folder = cacheFolder;
    this.register(prims);
  }

  /** Primitives and externs by name. */
  get prims(): PrimTable {
    return this.#prims;
  }
  /** Makes primitives callable by name. W8006 for a name that is taken. */
  register(prims: readonly PrimSpec[]): void {
    for (const prim of prims) {
      if (this.#prims.has(prim.name)) {
        fail('W8006', `the primitive ${prim.name} is registered already`, { help: 'rename it' });
      }
      this.#prims.set(prim.name, prim);
    }
    this.#resolved = new WeakMap();
  }

  /** The program with its externs looked up and typed. */
  resolve(program: Program): Program {
    const known = this.#resolved.get(program);
    if (known !== undefined) return known;
    if (!isProgram(program)) {
      fail('W8006', `a program is needed, found ${foundText(program)}`, {
        help: 'parseProgram of weld-ts/text reads Weld text, Builder of weld-ts/compiler makes programs',
      });
    }
    const made = resolveExterns(program, this.#prims);
    this.#resolved.set(program, made);
    return made;
  }

  /** A resolved program that is compiled and loaded already. */
  ready(program: Program, settings: CompileSettings): Prepared | undefined {
    return this.#cache.ready(this.#keyOf(program, settings));
  }
  /** A resolved program, compiled and loaded; `onMiss` is called where it was not. */
  prepare(program: Program, settings: CompileSettings, lane: Spans | null, onMiss: () => void): Promise<Prepared> {
    return this.#cache.get(this.#keyOf(program, settings), () => {
      onMiss();
      return this.#make(this.#keyOf(program, settings), program, { ...this.#settings(settings), spans: lane });
    });
  }
  /** The same with all that a run may ask for after a look at the data. */
  ahead(program: Program, settings: CompileSettings, lane: Spans | null): Promise<Prepared> {
    const key = `ahead ${this.#keyOf(program, settings)}`;
    const options = { ...this.#settings(settings), spans: lane, ahead: true };
    return this.#cache.get(key, () => this.#make(key, program, options));
  }
  #make(key: string, program: Program, options: BuildOptions): Promise<Prepared> {
    const build = (): Promise<Prepared> => this.#build(program, options);
    return this.#folder === null || this.#isDebugging()
      ? build()
      : this.#readOrBuild(this.#folder, key, options.spans, build);
  }

  /** How a program would be compiled, as data. */
  explain(program: Program, settings: CompileSettings): Promise<Explanation> {
    const { stopAfter, bisect, check } = this.#env;
    const now = (): number => performance.now();
    return explain(this.resolve(program), { ...this.#settings(settings), stopAfter, bisect, check, now });
  }
  /** The stages of a program some of whose parameters come in batches. */
  split(program: Program, streamed: readonly number[], settings: CompileSettings): Promise<Split> {
    return split(this.resolve(program), streamed, this.#settings(settings));
  }

  /** Forgets all that is compiled. */
  clear(): void {
    this.#cache.clear();
  }

  #settings({ disable = [], fastMath = this.#fastMath }: CompileSettings): Required<CompileSettings> {
    return { disable: [...new Set([...this.#env.disable, ...disable])].sort(), fastMath };
  }
  /** The same string each time, so that looking it up does not read it. */
  #keyOf(program: Program, settings: CompileSettings): string {
    const asked = `${settings.fastMath ?? ''} ${settings.disable?.join(',') ?? ''}`;
    const keys = this.#keys.get(program) ?? new Map<string, string>();
    const known = keys.get(asked);
    if (known !== undefined) return known;
    const { disable, fastMath } = this.#settings(settings);
    const key = `${fastMath ? 'fast ' : ''}${disable.join(',')}\n${programKey(program)}`;
    keys.set(asked, key);
    this.#keys.set(program, keys);
    return key;
  }
  /** Is there a switch that must see the program compiled? */
  #isDebugging(): boolean {
    const { debug, dump, stopAfter, bisect, check } = this.#env;
    return debug >= 3 || dump !== null || stopAfter !== null || bisect !== null || check;
  }

  async #readOrBuild(
    folder: string,
    key: string,
    lane: Spans | null,
    build: () => Promise<Prepared>,
  ): Promise<Prepared> {
    const { CodeFolder } = await import('./code-folder.ts');
    this.#code ??= new CodeFolder(folder);
    const engine = `${this.#env.sink} ${this.#device.memory64 ? 'memory64' : 'memory32'} ${hasRelaxedMadd()}`;
    const full = `${engine}\n${key}`;
    const code = this.#code;
    const known = span(lane, 'compile', 'read from the cache folder', () => code.read(full));
    if (known !== null) {
      return { plan: known.plan, program: await this.#load(known.bytes, lane), compiled: null };
    }
    const built = await build();
    if (built.compiled !== null) this.#code.write(full, { plan: built.plan, bytes: built.compiled.wasm.bytes });
    return built;
  }
  async #build(program: Program, options: BuildOptions): Promise<Prepared> {
    const { fastMath, spans } = options;
    const { debug, dump, stopAfter, bisect, check, sink } = this.#env;
    const writeAfter = dump === null ? null : (await import('./dump.ts')).dumpTo(dump, program);
    const compiled = await compile(program, {
      ...options,
      relaxedMadd: fastMath && hasRelaxedMadd(),
      memory64: this.#device.memory64,
      stopAfter,
      bisect,
      check,
      wasmText: debug >= 4,
      sink,
      onDump(pass, p) {
        log(debug >= 5, () => `after ${pass}\n${printProgram(p)}`);
        writeAfter?.(pass, p);
      },
      now: () => performance.now(),
    });
    log(debug >= 3, () => decisionsText(compiled.plan));
    log(debug >= 4, () => compiled.wasm.text ?? '');
    return { plan: compiled.plan, program: await this.#load(compiled.wasm.bytes, spans), compiled };
  }
  async #load(bytes: Uint8Array, lane: Spans | null): Promise<DeviceProgram> {
    return spanAsync(lane, 'compile', 'engine compile', () => this.#device.prepare(bytes));
  }
}

const decisionsText = (plan: Plan): string =>
  ['plan', ...plan.decisions.map((d) => `  ${d.what}: ${d.choice} (${d.reason})`)].join('\n');

/** Is it a program? Callers in JavaScript are not checked. */
const isProgram = (p: unknown): p is Program => typeof p === 'object' && p !== null && 'syms' in p && 'body' in p;
