/**
 * The host side of lowering: which plan register holds which Core value, and the steps made so far.
 *
 * Structs are kept dissolved as long as nobody needs them as one register, so that `result` of a struct of builders
 * followed by `field` costs nothing. Scopes nest for the branches of a host `if`; register and kernel names are
 * unique in the whole plan.
 */

import type { IdleValues } from '../analysis/idle-values.ts';
import type { Annotations, Atom, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { BuilderType, Type } from '../core/types.ts';
import { InternalError, type Origin } from '../diag/diagnostic.ts';
import type { Kernel } from '../sir/kernel.ts';
import type { Decision, HostAtom, HostReg, Step } from '../sir/plan.ts';

/**
 * A builder on the host, as the value that it would have: builders are monoids, so what loops and merges made of it so
 * far is the first state that goes on being combined.
 */
export interface HostBuilder {
  readonly ty: BuilderType;
  /** The size hint of an appender or a dictmerger. */
  readonly size: HostAtom | null;
  readonly notes: Annotations;
  /** The value so far; null for a fresh builder. */
  readonly state: HostAtom | null;
  /** Merged since then, in order. */
  readonly merges: readonly HostAtom[];
}

export type HostVal =
  | { readonly h: 'atom'; readonly atom: HostAtom }
  | { readonly h: 'struct'; readonly fields: readonly HostVal[] }
  | { readonly h: 'builder'; readonly builder: HostBuilder };

/** What the whole plan shares. */
export interface PlanState {
  nextReg: number;
  readonly kernels: Kernel[];
  /** Kernels of second forms (`LowerOptions.ahead`). They are apart, so that all else is named as it is without them. */
  readonly aheadKernels: Kernel[];
  readonly decisions: Decision[];
  readonly dense: Set<HostReg>;
  /** Dictionaries whose values nobody reads. */
  readonly idle: IdleValues;
  /** May tables have places for keys that lie near each other (`builders/near.ts`)? */
  readonly nearKeys: boolean;
  readonly names: Set<string>;
}

export class HostScope {
  readonly state: PlanState;
  readonly steps: Step[] = [];
  readonly #outer: HostScope | null;
  readonly #env = new Map<Sym, HostVal>();
  /** Registers of fields that were read, by register and index. */
  readonly #fields = new Map<string, HostAtom>();

  constructor(state: PlanState, outer: HostScope | null = null) {
    this.state = state;
    this.#outer = outer;
  }

  reg(): HostReg {
    return this.state.nextReg++ as HostReg;
  }
  /** A name no other kernel of the plan has. */
  kernelName(hint: string): string {
    let name = hint;
    for (let k = 2; this.state.names.has(name); k++) name = `${hint}_${k}`;
    this.state.names.add(name);
    return name;
  }
  decide(what: string, choice: string, reason: string): void {
    this.state.decisions.push({ what, choice, reason });
  }

  /** The steps, kernels and decisions so far, and going back to them. */
  mark(): readonly number[] {
    return this.#lists().map((list) => list.length);
  }
  backTo(mark: readonly number[]): void {
    for (const s of this.steps.slice(mark[0])) if (s.step === 'field') this.#fields.delete(fieldName(s.of, s.index));
    for (const [k, list] of this.#lists().entries()) list.length = mark[k] ?? 0;
  }
  #lists(): readonly unknown[][] {
    const { kernels, aheadKernels, decisions } = this.state;
    return [this.steps, kernels, aheadKernels, decisions];
  }

  bind(sym: Sym, value: HostVal): void {
    this.#env.set(sym, value);
  }
  valueOf(a: Atom): HostVal {
    if (!isSym(a)) return { h: 'atom', atom: { lit: a.lit, ty: a.ty } };
    const found = this.#env.get(a);
    if (found !== undefined) return found;
    if (this.#outer === null) throw new InternalError(`lower: %${a} has no value on the host`);
    return this.#outer.valueOf(a);
  }
  /** Adds a step for the operation at `origin`. */
  push(step: Step, origin: Origin | null): void {
    this.steps.push({ ...step, origin });
  }
  /** The value as one operand; a dissolved struct is put together. */
  atomOf(v: HostVal): HostAtom {
    if (v.h === 'atom') return v.atom;
    if (v.h === 'builder') throw new InternalError('lower: a builder is no operand');
    const dst = this.reg();
    this.steps.push({ step: 'struct', dst, fields: v.fields.map((f) => this.atomOf(f)) });
    return { reg: dst };
  }
  /** Field `index` of a struct of type `ty`. */
  fieldOf(v: HostVal, index: number, ty: Type): HostVal {
    if (v.h === 'struct') {
      const field = v.fields[index];
      if (field !== undefined) return field;
    }
    if (v.h !== 'atom' || ty.kind !== 'struct') throw new InternalError(`lower: no field ${index}`);
    const name = fieldName(v.atom, index);
    const known = this.#fields.get(name);
    if (known !== undefined) return { h: 'atom', atom: known };
    const atom = { reg: this.reg() };
    this.#fields.set(name, atom);
    this.steps.push({ step: 'field', dst: atom.reg, of: v.atom, index });
    return { h: 'atom', atom };
  }
  isDense(a: HostAtom): boolean {
    return 'reg' in a && this.state.dense.has(a.reg);
  }
}

const fieldName = (of: HostAtom, index: number): string => `${'reg' in of ? of.reg : 'constant'}.${index}`;
