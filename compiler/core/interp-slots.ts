/**
 * Where the interpreter keeps values: one array with a slot for each symbol and each literal of a program, filled
 * while the program is compiled to closures and written while it runs.
 *
 * While a block is compiled, a scope remembers which of its lets reads each of its values last; a read inside an inner
 * block counts for the let around that block. What is read for the last time is dropped then: the slot is cleared, so
 * that a long program does not keep everything it has ever made.
 */

import { InternalError } from '../diag/diagnostic.ts';
import { holdsMemory } from './interp-meter.ts';
import type { IValue } from './ivalue.ts';
import type { Atom, Sym } from './op.ts';
import { isLit } from './op.ts';
import type { SymTab } from './program.ts';
import { isLinear, type Type } from './types.ts';

/** A slot and the type of its values. */
export interface Slot {
  readonly slot: number;
  readonly type: Type;
}

export class Slots {
  readonly values: IValue[] = [];
  readonly #syms: SymTab;
  readonly #slots = new Map<Sym, number>();
  readonly #scopes = new Map<Sym, Scope>();

  constructor(syms: SymTab) {
    this.#syms = syms;
  }

  /** The slot of a symbol, or a new one with the value of a literal. */
  of(a: Atom): number {
    if (isLit(a)) return this.values.push(a.lit) - 1;
    const known = this.#slots.get(a);
    if (known !== undefined) return known;
    // The value is set before it is read; the slot must exist so that literals get others.
    const slot = this.values.push(0) - 1;
    this.#slots.set(a, slot);
    return slot;
  }

  typed(s: Sym): Slot {
    return { slot: this.of(s), type: this.#syms.type(s) };
  }

  /** Reads an atom when it is called; now, it is a read by the current let of the atom's block. */
  read(a: Atom): () => IValue {
    const { values } = this;
    const slot = this.of(a);
    if (!isLit(a)) this.#scopes.get(a)?.reads(a);
    return () => {
      const v = values[slot];
      if (v === undefined) throw new InternalError(`interpreter: slot ${slot} is empty`);
      return v;
    };
  }
  readAll(atoms: readonly Atom[]): () => readonly IValue[] {
    const reads = atoms.map((a) => this.read(a));
    return () => reads.map((r) => r());
  }

  /** A value of the block of `scope`, to be dropped after its last read if it is worth that. */
  bind(s: Sym, scope: Scope): void {
    const type = this.#syms.type(s);
    if (!holdsMemory(type) && !isLinear(type)) return;
    scope.reads(s);
    this.#scopes.set(s, scope);
  }

  /** What to drop after each let, by number, and after the result of a block. */
  drops(scope: Scope): ReadonlyMap<number, readonly Slot[]> {
    const drops = new Map<number, Slot[]>();
    for (const [s, at] of scope.last) {
      const list = drops.get(at);
      if (list === undefined) drops.set(at, [this.typed(s)]);
      else list.push(this.typed(s));
    }
    return drops;
  }
}

/** A block while it is compiled. */
export class Scope {
  /** The number of the let that is compiled. */
  at = 0;
  readonly last = new Map<Sym, number>();

  reads(s: Sym): void {
    this.last.set(s, this.at);
  }
}
