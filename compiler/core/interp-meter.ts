/**
 * What a run of the interpreter may use: fuel, counted in lets and rounds, and memory, counted in bytes.
 *
 * A run holds a vector or a dictionary from the let that makes it to the last let of the same block that reads it
 * (blocks inside the let included), and for as long as something that it holds contains it. A builder is held from its
 * making to its result, and grows with what is merged. Arguments do not count, but builders among them do: the run
 * takes them over. What is held counts once, however often it is shared:
 *
 *   vec[T]        a cell of T for each element: the bytes of its scalars, and 16 for a vector or dictionary, whose
 *                 own elements count where they are; at least 1 byte, as a unit takes room too
 *   dict[K,V]     a cell of K, a cell of V and 8 bytes for each entry
 *   builders      what their result would take
 *
 * When that sum passes the limit, the run ends in OutOfMemory (W6006). It is a count of references: a value that was
 * made by the run has an entry here and is charged while its references are above zero. A sum may dip for a moment
 * when a value passes from a block to its outside; nothing is made in that moment. What one let makes is charged when
 * it is there, so a run may overshoot by one copy of something it holds or was given; what could be larger than that
 * (`serialize`, which writes shared values again and again) asks before.
 */

import { fail, invariant } from '../diag/diagnostic.ts';
import { asBuilder, asDict, asVec, fieldOf, type IBuilder, type IValue, istruct } from './ivalue.ts';
import { type BuilderType, isBuilder, isLinear, partsOf, scalarBytes, type Type, typeText } from './types.ts';

export interface Limits {
  /** How many lets and rounds may run; unlimited when absent. */
  readonly fuel?: number;
  /** How many bytes the run may hold; unlimited, and not counted, when absent. */
  readonly memoryLimit?: number;
}

interface Entry {
  references: number;
  readonly bytes: number;
}

export class Meter {
  /** Whether memory is counted. */
  readonly counts: boolean;
  #fuel: number;
  readonly #limit: number;
  #used = 0;
  /** The vectors and dictionaries that this run made. What is not here is an argument's. */
  readonly #entries = new WeakMap<object, Entry>();
  /** The bytes of the builders of this run. */
  readonly #states = new WeakMap<IBuilder, number>();

  constructor(limits: Limits) {
    this.#fuel = limits.fuel ?? Number.POSITIVE_INFINITY;
    this.#limit = limits.memoryLimit ?? Number.POSITIVE_INFINITY;
    this.counts = limits.memoryLimit !== undefined;
  }

  /** Pays for one let or one round. */
  burn(): void {
    if (--this.#fuel < 0) fail('W6007', 'the program used up its fuel', { help: 'give more fuel or less data' });
  }

  /** Refuses what would not fit. */
  reserve(bytes: number): void {
    if (this.#used + bytes <= this.#limit) return;
    fail('W6006', `out of memory: asked for ${bytes} bytes with ${this.#used} of ${this.#limit} bytes in use`, {
      help: 'compute with less data at once, or give the run a higher memoryLimit',
    });
  }

  /** Gives a vector or dictionary that the run made an entry; its elements have theirs, or are an argument's. */
  made(t: Type, v: IValue): IValue {
    if (!this.counts) return v;
    if (t.kind === 'vec') this.#entries.set(asVec(v), { references: 0, bytes: asVec(v).length * elementBytes(t.elem) });
    if (t.kind === 'dict') {
      const d = asDict(v);
      this.#entries.set(d, { references: 0, bytes: d.entries.size * entryBytes(t.key, t.value) });
    }
    return v;
  }

  /** The same for everything inside: for values that came from bytes or columns. */
  madeWhole(t: Type, v: IValue): IValue {
    if (!this.counts || !holdsMemory(t)) return v;
    forEachPart(t, v, (inner, x) => this.madeWhole(inner, x));
    return this.made(t, v);
  }

  /** One reference more to what `v` holds. */
  hold(t: Type, v: IValue): void {
    if (!this.counts || !holdsMemory(t)) return;
    if (t.kind !== 'struct') {
      const entry = this.#entryOf(v);
      if (entry === undefined || entry.references++ > 0) return;
      this.#charge(entry.bytes);
    }
    forEachPart(t, v, (inner, x) => this.hold(inner, x));
  }

  /** One reference less. */
  drop(t: Type, v: IValue): void {
    if (!this.counts || !holdsMemory(t)) return;
    if (t.kind !== 'struct') {
      const entry = this.#entryOf(v);
      if (entry === undefined || --entry.references > 0) return;
      this.#used -= entry.bytes;
    }
    forEachPart(t, v, (inner, x) => this.drop(inner, x));
  }

  /** `next` in place of `v`: what both hold stays counted throughout. */
  exchange(t: Type, v: IValue, next: IValue): IValue {
    this.hold(t, next);
    this.drop(t, v);
    return next;
  }

  #entryOf(v: IValue): Entry | undefined {
    return typeof v === 'object' ? this.#entries.get(v) : undefined;
  }
  #charge(bytes: number): void {
    this.reserve(bytes);
    this.#used += bytes;
  }

  /** Counts a builder of this run, or all builders of a struct, with what they hold already. */
  opened(t: Type, v: IValue): void {
    if (!this.counts || !isLinear(t)) return;
    if (!isBuilder(t)) {
      if (t.kind === 'struct') for (const [k, f] of t.fields.entries()) this.opened(f, fieldOf(v, k));
      return;
    }
    const b = asBuilder(v);
    const state = b.result();
    this.#grow(b, stateBytes(t, state));
    forEachMerged(t, state, (inner, x) => this.hold(inner, x));
  }

  /** Counts what a merge of `value` added to `b`; `grew` is what the merge said. */
  merged(t: BuilderType, b: IBuilder, value: IValue, grew: boolean): void {
    if (!this.counts) return;
    if (t.kind === 'appender') {
      this.#grow(b, elementBytes(t.elem));
      this.hold(t.elem, value);
    } else if (t.kind === 'dictmerger' || t.kind === 'groupmerger') {
      if (grew) {
        this.#grow(b, t.kind === 'dictmerger' ? entryBytes(t.key, t.value) : groupBytes(t.key));
        this.hold(t.key, fieldOf(value, 0));
      }
      if (t.kind === 'groupmerger') {
        this.#grow(b, elementBytes(t.value));
        this.hold(t.value, fieldOf(value, 1));
      }
    }
    // A merger and a vecmerger keep their size.
  }

  /** The value of a builder, or of each builder of a struct: from now on it is the value that is held. */
  finished(t: Type, resultType: Type, v: IValue): IValue {
    if (!isBuilder(t)) {
      invariant(t.kind === 'struct' && resultType.kind === 'struct', () => `interpreter: result of ${typeText(t)}`);
      return istruct(t.fields.map((f, k) => this.finished(f, resultType.fields[k] ?? f, fieldOf(v, k))));
    }
    const b = asBuilder(v);
    const value = b.result();
    if (!this.counts) return value;
    this.#used -= this.#states.get(b) ?? 0;
    this.#states.delete(b);
    forEachMerged(t, value, (inner, x) => this.drop(inner, x));
    if (t.kind === 'groupmerger' && resultType.kind === 'dict') {
      for (const [, group] of asDict(value).entries.values()) this.made(resultType.value, group);
    }
    return this.made(resultType, value);
  }

  #grow(b: IBuilder, bytes: number): void {
    this.#charge(bytes);
    this.#states.set(b, (this.#states.get(b) ?? 0) + bytes);
  }
}

const holding = new Map<Type, boolean>();
/** True for types whose values hold vectors or dictionaries. Builders are counted by themselves. */
export function holdsMemory(t: Type): boolean {
  const known = holding.get(t);
  if (known !== undefined) return known;
  const holds = t.kind === 'vec' || t.kind === 'dict' || (t.kind === 'struct' && partsOf(t).some(holdsMemory));
  holding.set(t, holds);
  return holds;
}

/** The bytes of a value where it stands: in a column, an entry or a builder. */
function cellBytes(t: Type): number {
  switch (t.kind) {
    case 'scalar':
      return scalarBytes(t.scalar);
    case 'struct':
      return t.fields.reduce((sum, f) => sum + cellBytes(f), 0);
    case 'vec':
    case 'dict':
      return 16;
    default:
      return 0;
  }
}
const elementBytes = (elem: Type): number => Math.max(1, cellBytes(elem));
const entryBytes = (key: Type, value: Type): number => cellBytes(key) + cellBytes(value) + 8;
/** The entry of a group: the key, and the vector of its values. */
const groupBytes = (key: Type): number => cellBytes(key) + 16 + 8;

/** What the result of a builder of this state would take, without what its elements hold. */
function stateBytes(t: BuilderType, state: IValue): number {
  switch (t.kind) {
    case 'merger':
      return cellBytes(t.elem);
    case 'appender':
    case 'vecmerger':
      return asVec(state).length * elementBytes(t.elem);
    case 'dictmerger':
      return asDict(state).entries.size * entryBytes(t.key, t.value);
    case 'groupmerger': {
      const groups = asDict(state).entries;
      let bytes = groups.size * groupBytes(t.key);
      for (const [, group] of groups.values()) bytes += asVec(group).length * elementBytes(t.value);
      return bytes;
    }
    default:
      return t satisfies never;
  }
}

/** Calls `f` on the parts of a value that hold memory. */
function forEachPart(t: Type, v: IValue, f: (t: Type, v: IValue) => void): void {
  if (t.kind === 'struct') {
    for (const [k, part] of t.fields.entries()) if (holdsMemory(part)) f(part, fieldOf(v, k));
  } else if (t.kind === 'vec') {
    if (holdsMemory(t.elem)) for (const x of asVec(v)) f(t.elem, x);
  } else if (t.kind === 'dict' && (holdsMemory(t.key) || holdsMemory(t.value))) {
    for (const [key, value] of asDict(v).entries.values()) {
      f(t.key, key);
      f(t.value, value);
    }
  }
}

/** Calls `f` on the parts of a builder's state that were merged into it and hold memory. */
function forEachMerged(t: BuilderType, state: IValue, f: (t: Type, v: IValue) => void): void {
  // Mergers of other kinds hold numbers only.
  if (t.kind === 'appender') {
    if (holdsMemory(t.elem)) for (const x of asVec(state)) f(t.elem, x);
  } else if (t.kind === 'dictmerger' || t.kind === 'groupmerger') {
    for (const [key, value] of asDict(state).entries.values()) {
      if (holdsMemory(t.key)) f(t.key, key);
      if (t.kind === 'groupmerger' && holdsMemory(t.value)) for (const x of asVec(value)) f(t.value, x);
    }
  }
}
