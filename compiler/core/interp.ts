/**
 * The reference interpreter: what a Core program means, executed directly. Every pass and every backend is tested
 * against it, so it is exact, complete and plain, and shares no code with them but `scalar.ts`.
 *
 * A program is first compiled to closures over one array of values, a slot for each symbol and literal. One array is
 * enough because symbols are bound once and blocks are not re-entrant: a loop body writes its slots again in every
 * iteration. A slot is cleared after the last let that reads it, so a run keeps in memory only what it still needs
 * (`interp-meter.ts` counts that). Depth of recursion follows the nesting of blocks, never the length of a chain.
 *
 * Precondition: `verify(p)` holds. Errors of the run (W6xxx) carry the origin of the let that raised them; a `cudf`
 * that is not registered or does not fit is refused before anything runs.
 */

import { fail, InternalError, withOrigin } from '../diag/diagnostic.ts';
import { deserialize, serialize, serializedSize } from './codec.ts';
import { callExtern, checkCall } from './externs.ts';
import { builderMaker, cloneLinear } from './ibuilder.ts';
import { type Bounds, commonLength, type Opened, openIter, openNd, openRange, openScan } from './interp-iter.ts';
import { holdsMemory, type Limits, Meter } from './interp-meter.ts';
import { bytesOf, lookupIn, optLookup, slice, sorted } from './interp-ops.ts';
import { Scope, type Slot, Slots } from './interp-slots.ts';
import {
  asBig,
  asBuilder,
  asDict,
  asScalar,
  asVec,
  comparison,
  dictKey,
  fieldOf,
  type IValue,
  isComparison,
  istruct,
} from './ivalue.ts';
import type { Atom, Block, Iter, Op, OpOf, Sym } from './op.ts';
import type { Program, SymTab } from './program.ts';
import { binScalar, castScalar, unScalar } from './scalar.ts';
import { isBuilder, isScalar, type ScalarKind, type Type, typeText } from './types.ts';
import type { PrimTable } from './value.ts';

export interface InterpretOptions extends Limits {
  /** The primitives and externs that `cudf` may call. */
  readonly prims?: PrimTable;
  /** Called for every let that runs, before it does: for coverage of generated programs. */
  readonly onLet?: (s: Sym) => void;
  /** Called with the value of every let that ran; gives the value to go on with. For tests of what a value matters. */
  readonly onValue?: (s: Sym, v: IValue) => IValue;
}

/** The value of the program for its arguments, in the types of its params. A builder argument stays as it is. */
export function interpret(p: Program, args: readonly IValue[], options: InterpretOptions = {}): IValue {
  const { params } = p.body;
  if (args.length !== params.length) {
    fail('W2005', `the program takes ${params.length} arguments, found ${args.length}`);
  }
  const machine = new Machine(p.syms, options);
  const run = machine.block(p.body);
  return machine.guard(() => {
    for (const [k, s] of params.entries()) machine.give(s, args[k] ?? 0);
    return run();
  });
}

/** Computes a value from the slots. */
type Run = () => IValue;

interface Step extends Slot {
  readonly sym: Sym;
  readonly run: Run;
  /** Whether the meter counts the value. */
  readonly counted: boolean;
  /** What no later let of the block reads. */
  readonly drops: readonly Slot[];
}

class Machine {
  readonly #syms: SymTab;
  readonly #prims: PrimTable;
  readonly #onLet: ((s: Sym) => void) | null;
  readonly #onValue: ((s: Sym, v: IValue) => IValue) | null;
  readonly #meter: Meter;
  readonly #slots: Slots;
  /** The let that runs, for the origin of an error. */
  #at: Sym | null = null;

  constructor(syms: SymTab, options: InterpretOptions) {
    this.#syms = syms;
    this.#prims = options.prims ?? new Map();
    this.#onLet = options.onLet ?? null;
    this.#onValue = options.onValue ?? null;
    this.#meter = new Meter(options);
    this.#slots = new Slots(syms);
  }

  /** Sets a param. The caller may use a builder argument again, so the run merges into a copy. */
  give(s: Sym, v: IValue): void {
    const own = cloneLinear(v);
    this.#meter.opened(this.#syms.type(s), own);
    this.#slots.values[this.#slots.of(s)] = own;
  }

  /** Runs, and gives an error the origin of the let that raised it if it has none. */
  guard(run: Run): IValue {
    try {
      return run();
    } catch (e) {
      throw withOrigin(e, this.#at === null ? null : this.#syms.origin(this.#at));
    }
  }

  block(b: Block): Run {
    const scope = new Scope();
    const runs: Run[] = [];
    for (const [k, l] of b.lets.entries()) {
      scope.at = k;
      runs.push(this.#op(l.op, l.sym));
      this.#slots.bind(l.sym, scope);
    }
    scope.at = b.lets.length;
    const result = this.#slots.read(b.result);
    if (runs.length === 0) return result;

    const drops = this.#slots.drops(scope);
    const steps = b.lets.map(({ sym }, k): Step => {
      const { slot, type } = this.#slots.typed(sym);
      const counted = this.#meter.counts && holdsMemory(type);
      return { sym, slot, type, run: runs[k] ?? result, counted, drops: drops.get(k) ?? NOTHING };
    });
    const atEnd = drops.get(runs.length) ?? NOTHING;
    return () => {
      for (const step of steps) this.#step(step);
      const value = result();
      if (atEnd.length > 0) this.#drop(atEnd);
      return value;
    };
  }

  #step(step: Step): void {
    this.#meter.burn();
    this.#at = step.sym;
    if (this.#onLet !== null) this.#onLet(step.sym);
    const made = step.run();
    const value = this.#onValue === null ? made : this.#onValue(step.sym, made);
    this.#slots.values[step.slot] = value;
    if (step.counted) {
      // Blocks inside have moved it.
      this.#at = step.sym;
      this.#meter.hold(step.type, value);
    }
    if (step.drops.length > 0) this.#drop(step.drops);
  }

  #drop(all: readonly Slot[]): void {
    const { values } = this.#slots;
    for (const { slot, type } of all) {
      this.#meter.drop(type, values[slot] ?? 0);
      values[slot] = 0;
    }
  }

  #read(a: Atom): Run {
    return this.#slots.read(a);
  }

  #op(op: Op, sym: Sym): Run {
    const ty = this.#syms.type(sym);
    const meter = this.#meter;
    switch (op.kind) {
      case 'bin':
        return this.#bin(op);
      case 'un': {
        const [a, kind, word] = [this.#read(op.a), this.#scalarKind(op.a), op.op];
        return () => unScalar(word, kind, asScalar(a()));
      }
      case 'cast': {
        const [a, from, to] = [this.#read(op.a), this.#scalarKind(op.a), op.to.scalar];
        return () => castScalar(from, to, asScalar(a()));
      }
      case 'select': {
        const [cond, a, b] = [this.#read(op.cond), this.#read(op.a), this.#read(op.b)];
        return () => (cond() === true ? a() : b());
      }
      case 'if': {
        const [cond, then, otherwise] = [this.#read(op.cond), this.block(op.then), this.block(op.else)];
        return () => (cond() === true ? then() : otherwise());
      }
      case 'struct': {
        const fields = this.#slots.readAll(op.fields);
        return () => istruct(fields());
      }
      case 'field': {
        const [of, index] = [this.#read(op.of), op.index];
        return () => fieldOf(of(), index);
      }
      case 'vec': {
        const items = this.#slots.readAll(op.items);
        return () => meter.made(ty, items());
      }
      case 'len': {
        const of = this.#read(op.of);
        return () => BigInt(asVec(of()).length);
      }
      case 'lookup': {
        const [of, index] = [this.#read(op.of), this.#read(op.index)];
        const find = lookupIn(this.#type(op.of));
        return () => find(of(), index());
      }
      case 'optlookup': {
        const [of, key, find] = [this.#read(op.of), this.#read(op.key), optLookup(this.#type(op.of))];
        return () => find(asDict(of()), key());
      }
      case 'keyexists': {
        const [of, key, keyOf] = [this.#read(op.of), this.#read(op.key), dictKey(this.#type(op.key))];
        return () => asDict(of()).entries.has(keyOf(key()));
      }
      case 'slice': {
        const [of, start, size] = [this.#read(op.of), this.#read(op.start), this.#read(op.size)];
        return () => meter.made(ty, slice(asVec(of()), asBig(start()), asBig(size())));
      }
      case 'tovec': {
        const of = this.#read(op.of);
        return () => meter.made(ty, [...asDict(of()).entries.values()].map(istruct));
      }
      case 'sort':
        return this.#sort(op, sym);
      case 'iterate':
        return this.#iterate(op, sym);
      case 'assert': {
        const cond = this.#read(op.cond);
        return () => cond() === true || fail('W6011', 'the assertion does not hold');
      }
      case 'serialize': {
        const [of, from] = [this.#read(op.of), this.#type(op.of)];
        return () => {
          const v = of();
          if (meter.counts) meter.reserve(serializedSize(from, v));
          return meter.made(ty, Array.from(serialize(from, v)));
        };
      }
      case 'deserialize': {
        const of = this.#read(op.of);
        return () => meter.madeWhole(ty, deserialize(ty, bytesOf(asVec(of()))));
      }
      case 'builder': {
        const make = builderMaker(op.ty);
        const arg = op.arg === null ? null : this.#read(op.arg);
        return () => {
          const b = make(arg === null ? null : arg());
          meter.opened(ty, b);
          return b;
        };
      }
      case 'merge':
        return this.#merge(op);
      case 'result': {
        const [builder, of] = [this.#read(op.builder), this.#type(op.builder)];
        return () => meter.finished(of, ty, builder());
      }
      case 'for':
        return this.#loop(op, sym);
      case 'cudf':
        return this.#call(op, sym);
      default:
        return op satisfies never;
    }
  }

  #type(a: Atom): Type {
    return this.#syms.typeOf(a);
  }
  #scalarKind(a: Atom): ScalarKind {
    const t = this.#type(a);
    if (!isScalar(t)) throw new InternalError(`interpreter: ${typeText(t)} where a scalar is needed`);
    return t.scalar;
  }

  #bin(op: OpOf<'bin'>): Run {
    const [a, b, ty] = [this.#read(op.a), this.#read(op.b), this.#type(op.a)];
    const word = op.op;
    if (!isScalar(ty)) {
      if (!isComparison(word)) throw new InternalError(`interpreter: ${word} on ${typeText(ty)}`);
      const compare = comparison(word, ty);
      return () => compare(a(), b());
    }
    const kind = ty.scalar;
    return () => binScalar(word, kind, asScalar(a()), asScalar(b()));
  }

  #merge(op: OpOf<'merge'>): Run {
    const [builder, value, ty, meter] = [
      this.#read(op.builder),
      this.#read(op.value),
      this.#type(op.builder),
      this.#meter,
    ];
    if (!isBuilder(ty)) throw new InternalError(`interpreter: merge into ${typeText(ty)}`);
    return () => {
      const [b, v] = [asBuilder(builder()), value()];
      meter.merged(ty, b, v, b.merge(v));
      return b;
    };
  }

  #sort(op: OpOf<'sort'>, sym: Sym): Run {
    const [of, ty, meter] = [this.#read(op.of), this.#type(op.of), this.#meter];
    const limit = op.limit === null ? null : this.#read(op.limit);
    const [a = 0, b = 0] = op.by.params.map((s) => this.#slots.of(s));
    const [by, { values }] = [this.block(op.by), this.#slots];
    const above = (x: IValue, y: IValue): boolean => {
      this.#at = sym;
      meter.burn();
      values[a] = x;
      values[b] = y;
      return Number(asScalar(by())) > 0;
    };
    return () => {
      const made = sorted(asVec(of()), above, limit === null ? null : asBig(limit()));
      for (const slot of [a, b]) values[slot] = 0;
      return meter.made(ty, made);
    };
  }

  #iterate(op: OpOf<'iterate'>, sym: Sym): Run {
    const [init, ty, meter] = [this.#read(op.init), this.#type(op.init), this.#meter];
    const [slot = 0] = op.body.params.map((s) => this.#slots.of(s));
    const body = this.block(op.body);
    const { values } = this.#slots;
    return () => {
      let state = init();
      meter.hold(ty, state);
      for (let again = true; again; ) {
        this.#at = sym;
        meter.burn();
        values[slot] = state;
        const next = body();
        state = meter.exchange(ty, state, fieldOf(next, 0));
        again = fieldOf(next, 1) === true;
      }
      values[slot] = 0;
      meter.drop(ty, state);
      return state;
    };
  }

  #loop(op: OpOf<'for'>, sym: Sym): Run {
    const [builder, ty, meter] = [this.#read(op.builder), this.#type(op.builder), this.#meter];
    const open = op.iters.map((it) => this.#iterator(it));
    const slots = op.body.params.map((s) => this.#slots.of(s));
    const [builderSlot = 0, indexSlot = 0, ...elemSlots] = slots;
    const body = this.block(op.body);
    const { values } = this.#slots;
    return () => {
      const iters = open.map((o) => o());
      const n = commonLength(iters);
      let b = builder();
      meter.hold(ty, b);
      for (let k = 0; k < n; k++) {
        this.#at = sym;
        meter.burn();
        values[builderSlot] = b;
        values[indexSlot] = BigInt(k);
        for (const [j, slot] of elemSlots.entries()) values[slot] = iters[j]?.at(k) ?? 0;
        b = meter.exchange(ty, b, body());
      }
      for (const slot of slots) values[slot] = 0;
      meter.drop(ty, b);
      return b;
    };
  }

  #iterator(it: Iter): () => Opened {
    const vec = it.kind === 'range' ? null : this.#read(it.vec);
    const vector = (): readonly IValue[] => (vec === null ? [] : asVec(vec()));
    if (it.kind === 'scan') return () => openScan(vector());
    const [start, end, stride] = [this.#read(it.start), this.#read(it.end), this.#read(it.stride)];
    const bounds = (): Bounds => ({ start: asBig(start()), end: asBig(end()), stride: asBig(stride()) });
    switch (it.kind) {
      case 'range':
        return () => openRange(bounds());
      case 'iter':
        return () => openIter(vector(), bounds());
      case 'nditer': {
        const [shape, steps] = [this.#read(it.shape), this.#read(it.steps)];
        return () => openNd(vector(), bounds(), asVec(shape()).map(asBig), asVec(steps()).map(asBig));
      }
      default:
        return it satisfies never;
    }
  }

  #call(op: OpOf<'cudf'>, sym: Sym): Run {
    const prim = checkCall(op, this.#syms, this.#syms.origin(sym), this.#prims);
    const types = op.args.map((a) => this.#type(a));
    const args = this.#slots.readAll(op.args);
    return () => this.#meter.madeWhole(op.ty, callExtern(prim, op, types, args()));
  }
}

const NOTHING: readonly Slot[] = [];
