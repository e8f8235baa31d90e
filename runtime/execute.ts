/**
 * Runs a plan: host steps on columnar values (`host-ops.ts`), launches on the device (`launch.ts`), primitives by name.
 *
 * Registers hold values; the arena counts who holds which memory. A `free` step lets registers go, and at the end all
 * memory but the result's goes back to the device, also when a step fails.
 */

import {
  type Allocator,
  castScalar,
  diagnostic,
  fail,
  fromColumns,
  type HostAtom,
  type HostReg,
  InternalError,
  interpret,
  invariant,
  type Notes,
  type Origin,
  type Plan,
  type PlanBlock,
  type PrimSpec,
  type PrimTable,
  paramTypes,
  resultType,
  type Step,
  spanAsync,
  toColumns,
  unScalar,
  type Value,
  WeldError,
  withOrigin,
} from '../compiler/index.ts';
import type { HostWork } from '../kernels/index.ts';
import { Arena } from './arena.ts';
import { Checkpoint, throwIfCancelled } from './cancel.ts';
import type { Device, DeviceProgram, Soon } from './device.ts';
import { groupsOf } from './group.ts';
import { mergeInto } from './host-merge.ts';
import {
  binary,
  bytesOf,
  entriesOf,
  keyExists,
  lengthOf,
  lookup,
  optLookup,
  slice,
  valueOfBytes,
  vectorOf,
} from './host-ops.ts';
import { type LaunchContext, type Launched, type LaunchRecord, launch } from './launch.ts';
import { callForm, type PrimCode } from './prim-machine.ts';
import type { Lane } from './profile/recorder.ts';
import { sort } from './sort.ts';
import { asBig, asDict, asScalar, asVec, checkValue, fieldOf } from './value.ts';

export interface ExecuteOptions {
  readonly device: Device;
  readonly program: DeviceProgram;
  readonly prims: PrimTable;
  /** The machine forms of primitives; without it they run as they are defined. */
  readonly primCode?: PrimCode;
  /** Most threads of a launch. The value does not depend on it. */
  readonly threads: number;
  /** Ends the run with W6013 when it fires; its memory is freed then. */
  readonly signal?: AbortSignal | null;
  /** Called after every launch. */
  readonly onLaunch?: ((record: LaunchRecord) => void) | null;
  /** Called for rows that a kernel left to the host. */
  readonly onHost?: (work: HostWork) => void;
  /** Is told of the steps that take time. */
  readonly lane?: Lane | null;
  /** Compiles what the plan leaves for later: the same plan with the second forms of its loops. */
  readonly ahead?: LaunchContext['ahead'];
}

/** The value of a plan for its arguments. W8006 when an argument has not the type of its parameter. */
export async function execute(plan: Plan, args: readonly Value[], options: ExecuteOptions): Promise<Value> {
  if (args.length !== plan.params.length) {
    fail('W2005', `the program takes ${plan.params.length} arguments, found ${args.length}`);
  }
  throwIfCancelled(options.signal ?? null);
  const run = new Execution(options);
  return run.run(plan, args);
}

type HostStep = Exclude<Step, { readonly step: 'free' | 'launch' }>;

/** Steps that may take long, which a trace shows; the others look something up or compute a number. */
const WORK: ReadonlySet<Step['step']> = new Set<Step['step']>([
  'vec',
  'branch',
  'iterate',
  'merge',
  'group',
  'sort',
  'serialize',
  'deserialize',
  'interpret',
  'prim',
]);
const nameOf = (s: HostStep): string => (s.step === 'prim' ? `prim ${s.name}` : s.step);
/** The call of a frontend that a step is of. */
const callOf = (origin: Origin | null | undefined): string | null => (origin?.kind === 'api' ? origin.call : null);

class Execution {
  readonly #options: ExecuteOptions;
  readonly #arena: Arena;
  readonly #registers: (Value | undefined)[] = [];
  readonly #launches: LaunchContext;
  readonly #checkpoint: Checkpoint | null;

  constructor(options: ExecuteOptions) {
    this.#options = options;
    const { signal = null } = options;
    this.#arena = new Arena(options.device);
    this.#checkpoint = signal === null ? null : new Checkpoint(signal);
    this.#launches = {
      arena: this.#arena,
      program: options.program,
      threads: options.threads,
      signal,
      value: (a) => this.#value(a),
      lane: options.lane ?? null,
      ahead: options.ahead ?? null,
    };
  }

  async run(plan: Plan, args: readonly Value[]): Promise<Value> {
    try {
      for (const [k, { reg, ty }] of plan.params.entries()) {
        const arg = args[k];
        invariant(arg !== undefined, () => `execute: no argument ${k}`);
        checkValue(arg, ty, `argument ${k + 1}`);
        this.#bind(reg, this.#options.device.localize(arg));
      }
      return this.#arena.finish(await this.#block(plan.body));
    } catch (e) {
      this.#arena.abandon();
      throw e;
    }
  }

  async #block(block: PlanBlock): Promise<Value> {
    for (const step of block.steps) {
      const done = this.#step(step);
      if (done instanceof Promise) await done;
      if (this.#checkpoint?.due()) await this.#checkpoint.pass();
    }
    return this.#value(block.result);
  }

  #step(s: Step): Soon<void> {
    if (s.step === 'free') {
      for (const reg of s.regs) this.#release(reg);
      return;
    }
    if (s.step === 'launch') return this.#launch(s);
    const { lane } = this.#launches;
    try {
      const isShown = lane !== null && WORK.has(s.step);
      const made = isShown ? spanAsync(lane, 'step', nameOf(s), () => this.#compute(s)) : this.#compute(s);
      if (made instanceof Promise) return this.#later(s, made);
      this.#bind(s.dst, made);
    } catch (e) {
      throw withOrigin(e, s.origin ?? null);
    }
    this.#arena.settle();
  }
  async #later(s: HostStep, made: Promise<Value>): Promise<void> {
    try {
      this.#bind(s.dst, await made);
    } catch (e) {
      throw withOrigin(e, s.origin ?? null);
    }
    this.#arena.settle();
  }
  async #launch(s: Extract<Step, { readonly step: 'launch' }>): Promise<void> {
    const { launch: l, origin = null } = s;
    const { lane } = this.#launches;
    try {
      const run = (): Promise<Launched> => launch(l, this.#launches);
      const notes = ({ record }: Launched): Notes => ({ ...record, call: callOf(l.origin) });
      const { values, record } = await spanAsync(lane, 'launch', l.kernel.name, run, notes);
      for (const [dst, value] of values) this.#bind(dst, value);
      this.#options.onLaunch?.(record);
    } catch (e) {
      throw withOrigin(e, origin);
    }
    this.#arena.settle();
  }

  #compute(s: HostStep): Soon<Value> {
    const at = (a: HostAtom): Value => this.#value(a);
    switch (s.step) {
      case 'bin':
        return binary(s.op, at(s.a), at(s.b), s.ty);
      case 'un':
        return unScalar(s.op, s.ty.scalar, asScalar(at(s.a)));
      case 'cast':
        return castScalar(s.from.scalar, s.to.scalar, asScalar(at(s.a)));
      case 'select':
        return at(s.cond) === true ? at(s.a) : at(s.b);
      case 'struct':
        return { kind: 'struct', fields: s.fields.map(at) };
      case 'field':
        return fieldOf(at(s.of), s.index);
      case 'vec':
        return vectorOf(s.elem, s.items.map(at), this.#arena);
      case 'len':
        return lengthOf(at(s.of));
      case 'lookup':
        return lookup(at(s.of), at(s.index));
      case 'optlookup':
        return optLookup(asDict(at(s.of)), at(s.key), this.#arena.allocator);
      case 'keyexists':
        return keyExists(asDict(at(s.of)), at(s.key));
      case 'slice':
        return slice(at(s.of), at(s.start), at(s.size), this.#arena.device);
      case 'tovec':
        return entriesOf(asDict(at(s.of)));
      case 'branch':
        return this.#block(at(s.cond) === true ? s.then : s.else);
      case 'iterate':
        return this.#iterate(s);
      case 'merge':
        return mergeInto(s.ty, s.state === null ? null : at(s.state), s.values.map(at), this.#arena);
      case 'group': {
        const before = s.before === null ? null : at(s.before);
        return groupsOf(s, asDict(at(s.counts)), asVec(at(s.pairs)), asVec(at(s.entries)), before, this.#arena);
      }
      case 'sort':
        return sort(at(s.of), s.by, s.limit === null ? null : asBig(at(s.limit)), this.#launches);
      case 'assert':
        return at(s.cond) === true || fail('W6011', 'the assertion does not hold');
      case 'serialize':
        return bytesOf(s.ty, at(s.of), this.#arena.allocator);
      case 'deserialize':
        return valueOfBytes(s.ty, at(s.of), this.#arena.allocator);
      case 'interpret':
        return this.#interpret(s);
      case 'prim':
        return this.#prim(s, s.args.map(at));
      default:
        return s satisfies never;
    }
  }

  async #iterate(s: Extract<Step, { readonly step: 'iterate' }>): Promise<Value> {
    let value = this.#value(s.init);
    for (let again = true; again; ) {
      this.#bind(s.param, value);
      const next = await this.#block(s.body);
      [value, again] = [fieldOf(next, 0), fieldOf(next, 1) === true];
    }
    return value;
  }

  /** Runs an operation that has no generated code: values become rows, and the rows that come back columns. */
  #interpret({ program, args }: Extract<Step, { readonly step: 'interpret' }>): Value {
    const { device, prims } = this.#options;
    const { limitBytes, usedBytes } = device.info();
    const rows = paramTypes(program).map((t, k) => {
      const arg = args[k];
      invariant(arg !== undefined, () => 'execute: an interpreted operation without argument');
      return fromColumns(t, this.#value(arg));
    });
    const value = interpret(program, rows, { prims, memoryLimit: limitBytes - usedBytes });
    return toColumns(resultType(program), value, this.#arena.allocator);
  }

  async #prim(s: Extract<Step, { readonly step: 'prim' }>, args: readonly Value[]): Promise<Value> {
    const { prims, primCode, threads, signal = null, lane = null, onHost = () => {} } = this.#options;
    const prim = prims.get(s.name);
    if (prim === undefined) {
      return fail('W2007', `no extern function is called ${s.name}`, { help: 'register it with the session' });
    }
    const form = (await primCode?.form(prim)) ?? null;
    const value =
      form === null || primCode === undefined
        ? callPrim(prim, args, this.#arena.allocator)
        : await callForm(form, args, { arena: this.#arena, code: primCode, threads, signal, lane, onHost });
    checkValue(value, s.ty, `the value of ${s.name}`);
    return value;
  }

  #value(a: HostAtom): Value {
    if ('lit' in a) return a.lit;
    const v = this.#registers[a.reg];
    if (v === undefined) throw new InternalError(`execute: register ${a.reg} is read before it is set`);
    return v;
  }
  #bind(reg: HostReg, value: Value): void {
    this.#release(reg);
    this.#arena.retain(value);
    this.#registers[reg] = value;
  }
  #release(reg: HostReg): void {
    const old = this.#registers[reg];
    if (old === undefined) return;
    this.#registers[reg] = undefined;
    this.#arena.release(old);
  }
}

/** Runs foreign code; errors that are not ours become one that names it. */
function callPrim(prim: PrimSpec, args: readonly Value[], alloc: Allocator): Value {
  try {
    return prim.run(args, alloc);
  } catch (e) {
    if (e instanceof WeldError || e instanceof InternalError) throw e;
    const thrown = e instanceof Error ? `it threw ${e.name}: ${e.message}` : `it threw a value of type ${typeof e}`;
    throw new WeldError([diagnostic('W6008', `the extern ${prim.name} failed`, { notes: [thrown] })], { cause: e });
  }
}
