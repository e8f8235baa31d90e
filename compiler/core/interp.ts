/**
 * The reference interpreter: what a Core program means, executed directly. Every pass and every backend is tested
 * against it, so it is exact, complete and plain, and shares no code with them but `scalar.ts`.
 *
 * A program is first compiled to closures over one array of values, a slot for each symbol and literal. One array is
 * enough because symbols are bound once and blocks are not re-entrant: a loop body writes its slots again in every
 * iteration. Depth of recursion follows the nesting of blocks, never the length of a chain.
 *
 * Precondition: `verify(p)` holds. Errors of the run (W6xxx) carry the origin of the let that raised them.
 */

import { fail, InternalError, withOrigin } from '../diag/diagnostic.ts';
import { fromColumns, plainMemory, toColumns } from './convert.ts';
import { builderMaker, cloneLinear, indexIn } from './ibuilder.ts';
import {
  asBig,
  asBuilder,
  asDict,
  asScalar,
  asStruct,
  asVec,
  comparison,
  dictKey,
  fieldOf,
  type IBuilder,
  type IValue,
  istruct,
} from './ivalue.ts';
import type { Atom, BinOp, Block, Iter, Op, OpOf, Sym } from './op.ts';
import { isLit } from './op.ts';
import type { Program, SymTab } from './program.ts';
import { binScalar, castScalar, unScalar } from './scalar.ts';
import type { ScalarKind, Type } from './types.ts';
import { isScalar, typeText } from './types.ts';
import type { PrimTable } from './value.ts';

export interface InterpretOptions {
  /** How many lets and iterations may run before OutOfFuel (W6007). Unlimited when absent. */
  readonly fuel?: number;
  /** The primitives that `cudf` may call. */
  readonly prims?: PrimTable;
  /** Called for every let that runs, before it does: for coverage of generated programs. */
  readonly onLet?: (s: Sym) => void;
}

/** The value of the program for its arguments, in the types of its params. */
export function interpret(p: Program, args: readonly IValue[], options: InterpretOptions = {}): IValue {
  const { params } = p.body;
  if (args.length !== params.length) {
    fail('W2005', `the program takes ${params.length} arguments, found ${args.length}`);
  }
  const machine = new Machine(p.syms, options);
  const run = machine.block(p.body);
  // A builder argument may be used again by the caller: the run must not merge into it.
  for (const [k, s] of params.entries()) machine.set(s, cloneLinear(args[k] ?? 0));
  return machine.guard(run);
}

/** Computes a value from the slots. */
type Run = () => IValue;

interface Step {
  readonly sym: Sym;
  readonly slot: number;
  readonly run: Run;
}

class Machine {
  readonly #syms: SymTab;
  readonly #prims: PrimTable;
  readonly #onLet: ((s: Sym) => void) | null;
  readonly #values: IValue[] = [];
  readonly #slots = new Map<Sym, number>();
  #fuel: number;
  /** The let that runs, for the origin of an error. */
  #at: Sym | null = null;

  constructor(syms: SymTab, options: InterpretOptions) {
    this.#syms = syms;
    this.#prims = options.prims ?? new Map();
    this.#onLet = options.onLet ?? null;
    this.#fuel = options.fuel ?? Number.POSITIVE_INFINITY;
  }

  set(s: Sym, v: IValue): void {
    this.#values[this.#slotOf(s)] = v;
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
    const steps = b.lets.map((l): Step => {
      const run = this.#op(l.op, l.sym);
      return { sym: l.sym, slot: this.#slotOf(l.sym), run };
    });
    const result = this.#read(b.result);
    if (steps.length === 0) return result;
    const values = this.#values;
    return () => {
      for (const step of steps) {
        this.#burn();
        this.#at = step.sym;
        if (this.#onLet !== null) this.#onLet(step.sym);
        values[step.slot] = step.run();
      }
      return result();
    };
  }

  #burn(): void {
    if (--this.#fuel < 0) fail('W6007', 'the program used up its fuel', { help: 'give more fuel or less data' });
  }

  #slotOf(a: Atom): number {
    if (isLit(a)) return this.#values.push(a.lit) - 1;
    const known = this.#slots.get(a);
    if (known !== undefined) return known;
    // The value is set before it is read; the slot must exist so that literals get others.
    const slot = this.#values.push(0) - 1;
    this.#slots.set(a, slot);
    return slot;
  }

  #read(a: Atom): Run {
    const values = this.#values;
    const slot = this.#slotOf(a);
    return () => {
      const v = values[slot];
      if (v === undefined) throw new InternalError(`interpreter: slot ${slot} is empty`);
      return v;
    };
  }
  #readAll(atoms: readonly Atom[]): () => readonly IValue[] {
    const reads = atoms.map((a) => this.#read(a));
    return () => reads.map((r) => r());
  }

  #op(op: Op, sym: Sym): Run {
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
        const fields = this.#readAll(op.fields);
        return () => istruct(fields());
      }
      case 'field': {
        const [of, index] = [this.#read(op.of), op.index];
        return () => fieldOf(of(), index);
      }
      case 'vec':
        return this.#readAll(op.items);
      case 'len': {
        const of = this.#read(op.of);
        return () => BigInt(asVec(of()).length);
      }
      case 'lookup':
        return this.#lookup(op);
      case 'keyexists': {
        const [of, key, keyOf] = [this.#read(op.of), this.#read(op.key), dictKey(this.#type(op.key))];
        return () => asDict(of()).entries.has(keyOf(key()));
      }
      case 'slice': {
        const [of, start, size] = [this.#read(op.of), this.#read(op.start), this.#read(op.size)];
        return () => slice(asVec(of()), asBig(start()), asBig(size()));
      }
      case 'tovec': {
        const of = this.#read(op.of);
        return () => [...asDict(of()).entries.values()].map(istruct);
      }
      case 'builder': {
        const make = builderMaker(op.ty);
        const arg = op.arg === null ? null : this.#read(op.arg);
        return () => make(arg === null ? null : arg());
      }
      case 'merge': {
        const [builder, value] = [this.#read(op.builder), this.#read(op.value)];
        return () => {
          const b = asBuilder(builder());
          b.merge(value());
          return b;
        };
      }
      case 'result': {
        const builder = this.#read(op.builder);
        return () => finish(builder());
      }
      case 'for':
        return this.#loop(op, sym);
      case 'cudf':
        return this.#call(op);
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

  #lookup(op: OpOf<'lookup'>): Run {
    const [of, index, indexType] = [this.#read(op.of), this.#read(op.index), this.#type(op.index)];
    if (this.#type(op.of).kind === 'vec') {
      return () => {
        const v = asVec(of());
        return v[indexIn(asBig(index()), v.length, 'lookup')] ?? 0;
      };
    }
    const keyOf = dictKey(indexType);
    return () => {
      const k = keyOf(index());
      const entry = asDict(of()).entries.get(k);
      if (entry === undefined) {
        return fail('W6004', `lookup: the key ${k} is not in the dictionary`, { help: 'ask keyexists first' });
      }
      return entry[1];
    };
  }

  #loop(op: OpOf<'for'>, sym: Sym): Run {
    const builder = this.#read(op.builder);
    const open = op.iters.map((it) => this.#iterator(it));
    const slots = op.body.params.map((s) => this.#slotOf(s));
    const [builderSlot = 0, indexSlot = 0, ...elemSlots] = slots;
    const body = this.block(op.body);
    const values = this.#values;
    return () => {
      let b = builder();
      const iters = open.map((o) => o());
      const n = commonLength(iters);
      for (let k = 0; k < n; k++) {
        this.#at = sym;
        this.#burn();
        values[builderSlot] = b;
        values[indexSlot] = BigInt(k);
        for (const [j, slot] of elemSlots.entries()) values[slot] = iters[j]?.at(k) ?? 0;
        b = body();
      }
      return b;
    };
  }

  #iterator(it: Iter): () => Opened {
    if (it.kind === 'scan') {
      const vec = this.#read(it.vec);
      return () => {
        const v = asVec(vec());
        return { length: v.length, at: (k) => v[k] ?? 0 };
      };
    }
    const [start, end, stride] = [this.#read(it.start), this.#read(it.end), this.#read(it.stride)];
    return () => openRange(asBig(start()), asBig(end()), asBig(stride()));
  }

  #call(op: OpOf<'cudf'>): Run {
    const prim = this.#prims.get(op.name);
    const types = op.args.map((a) => this.#type(a));
    const args = this.#readAll(op.args);
    return () => {
      if (prim === undefined) {
        return fail('W6008', `the primitive ${op.name} is not registered with this session`);
      }
      const typed = prim.typing(types);
      if (typed !== op.ty) {
        const found = typeof typed === 'string' ? typed : `${op.name} gives ${typeText(typed)}, not ${typeText(op.ty)}`;
        fail('W2002', found);
      }
      const columns = args().map((v, k) => toColumns(types[k] ?? op.ty, v, plainMemory));
      return fromColumns(op.ty, prim.run(columns, plainMemory));
    };
  }
}

/** An iterator of a running loop. */
interface Opened {
  readonly length: number;
  readonly at: (k: number) => IValue;
}

function openRange(start: bigint, end: bigint, stride: bigint): Opened {
  const wrong =
    stride < 1n
      ? `the stride ${stride} is below 1`
      : start > end
        ? `the start ${start} is above the end ${end}`
        : (end - start) % stride !== 0n
          ? `the stride ${stride} does not divide ${end} - ${start}`
          : null;
  if (wrong !== null) fail('W6002', `rangeiter: ${wrong}`);
  return { length: Number((end - start) / stride), at: (k) => start + BigInt(k) * stride };
}

function commonLength(iters: readonly Opened[]): number {
  const [first] = iters;
  const n = first?.length ?? 0;
  if (iters.some((it) => it.length !== n)) {
    fail('W6003', `zip: iterators of lengths ${iters.map((it) => it.length).join(' and ')}`, {
      help: 'slice them to one length first',
    });
  }
  return n;
}

/** The value of a builder, or of each builder of a struct. */
function finish(v: IValue): IValue {
  const b: IBuilder | null = typeof v === 'object' && 'kind' in v && v.kind === 'builder' ? v : null;
  return b !== null ? b.result() : istruct(asStruct(v).fields.map(finish));
}

function slice(v: readonly IValue[], start: bigint, size: bigint): IValue {
  const from = Number(start);
  if (from < 0 || from > v.length) fail('W6001', `slice: start ${start} is outside a vector of length ${v.length}`);
  return v.slice(from, from + Math.max(0, Number(size)));
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
const isComparison = (op: BinOp): op is Comparison =>
  op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
