/**
 * What the lowering of one loop shares: the kernel under construction, the bindings of its parameters and the host
 * scope around it. Captured values become kernel parameters on first use, once each.
 */

import type { Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import type { ScalarKind, Type } from '../core/types.ts';
import { leaves, typeText } from '../core/types.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { fail, InternalError } from '../diag/diagnostic.ts';
import { type Get, type KernelBuilder, lit } from '../sir/build.ts';
import type { FailCode, SExpr } from '../sir/kernel.ts';
import type { BufBinding, FailSite, HostAtom, ScalarBinding } from '../sir/plan.ts';
import type { HostScope, HostVal } from './host.ts';
import { type KVal, scalarVal, structVal } from './values.ts';

/** Which machine the kernels are for: it decides some builder strategies. */
export type LowerTarget = 'wasm' | 'wgsl';

export class LoopContext {
  readonly kb: KernelBuilder;
  readonly syms: SymTab;
  readonly host: HostScope;
  readonly target: LowerTarget;
  /** The operation that is being lowered, for errors now and at run time; the loop itself at first. */
  origin: Origin | null;
  /** The operations for which the kernel may stop. */
  readonly sites: FailSite[] = [];
  readonly bufs: BufBinding[] = [];
  readonly scalars: ScalarBinding[] = [];
  readonly env = new Map<Sym, KVal>();
  /** In predicated code: the condition under which the current values count. Failures and indices obey it. */
  guard: SExpr | null = null;
  /** The variable that says whether an output keeps memory of the row, where somebody asks. */
  kept: Get | null = null;
  readonly #bufOf = new Map<string, number>();
  readonly #scalarOf = new Map<string, Get>();

  constructor(kb: KernelBuilder, syms: SymTab, host: HostScope, target: LowerTarget, origin: Origin | null) {
    this.kb = kb;
    this.syms = syms;
    this.host = host;
    this.target = target;
    this.origin = origin;
  }

  /** Stops the kernel with `code` when `when` holds; under a guard the caller has put that in. */
  fail(code: FailCode, when: SExpr): void {
    this.sites.push({ code, origin: this.origin });
    this.kb.fail(code, when);
  }

  /** An output keeps what the row has made, from here on. */
  keepRow(): void {
    if (this.kept !== null) this.kb.set(this.kept, lit('bool', true));
  }

  /** The buffer parameter for `binding`, declared on first use. */
  buf(name: string, elem: ScalarKind, access: 'read' | 'readwrite' | 'write', partial: boolean, b: BufBinding): number {
    const key = bindingKey(b);
    const known = this.#bufOf.get(key);
    if (known !== undefined) return known;
    const made = this.kb.buf(name, elem, access, partial);
    this.#bufOf.set(key, made);
    this.bufs.push(b);
    return made;
  }
  /** Column `leaf` of a vector, read only. */
  column(vec: HostAtom, elem: Type, leaf: number): number {
    const kind = leavesOf(elem, this.origin)[leaf];
    if (kind === undefined) throw new InternalError(`lower: ${typeText(elem)} has no leaf ${leaf}`);
    return this.buf(`${hostName(vec)}_${leaf}`, kind, 'read', false, { bind: 'column', vec, leaf });
  }
  /** The scalar parameter for `binding`, declared on first use. */
  scalar(name: string, kind: ScalarKind, b: ScalarBinding): Get {
    const key = bindingKey(b);
    const known = this.#scalarOf.get(key);
    if (known !== undefined) return known;
    const made = this.kb.scalar(name, kind);
    this.#scalarOf.set(key, made);
    this.scalars.push(b);
    return made;
  }
  /** The whole memory as elements of `kind`: the index is a place. */
  memory(kind: ScalarKind): number {
    if (this.target === 'wgsl') return unsupported('vectors in vectors on a GPU', this.origin);
    return this.buf(`memory_${kind}`, kind, 'readwrite', false, { bind: 'memory', kind });
  }
  /** The record of the region in which the part makes vectors. */
  region(): number {
    if (this.target === 'wgsl') return unsupported('vectors made inside a loop on a GPU', this.origin);
    return this.buf('region', 'i32', 'readwrite', true, { bind: 'region' });
  }
  /** Does the kernel make vectors, so far? */
  get makesVectors(): boolean {
    return this.#bufOf.has(bindingKey({ bind: 'region' }));
  }
  /** The place of a column of a captured vector, or of an entry column or (behind them) the slots of a dictionary. */
  place(of: HostAtom, leaf: number): Get {
    if (this.target === 'wgsl') return unsupported('vectors in vectors on a GPU', this.origin);
    return this.scalar(`${hostName(of)}_place${leaf}`, 'i32', { bind: 'place', of, leaf });
  }
  /** The length of a captured vector, i32. */
  length(vec: HostAtom): Get {
    return this.scalar(`${hostName(vec)}_len`, 'i32', { bind: 'length', vec });
  }
  /** The kernel's view of a value that is bound outside the loop. */
  capture(sym: Sym): KVal {
    const known = this.env.get(sym);
    if (known !== undefined) return known;
    const made = this.#view(this.host.valueOf(sym), this.syms.type(sym));
    this.env.set(sym, made);
    return made;
  }
  #view(value: HostVal, ty: Type): KVal {
    if (value.h === 'builder') return unsupported('a loop that merges into a builder of an outer scope', this.origin);
    if (ty.kind === 'struct') {
      return structVal(ty.fields.map((f, k) => this.#view(this.host.fieldOf(value, k, ty), f)));
    }
    const atom = this.host.atomOf(value);
    switch (ty.kind) {
      case 'scalar':
        if ('lit' in atom) return scalarVal(lit(ty.scalar, atom.lit));
        return scalarVal(this.scalar(hostName(atom), ty.scalar, { bind: 'scalar', value: atom }));
      case 'vec':
        return { v: 'vec', vec: atom, elem: ty.elem, view: null };
      case 'dict':
        return { v: 'dict', dict: atom, ty, dense: this.host.isDense(atom) };
      default:
        return unsupported(`a captured ${typeText(ty)}`, this.origin);
    }
  }
}

const bindingKey = (b: BufBinding | ScalarBinding): string =>
  JSON.stringify(b, (_k, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

/** A short name for a host value in kernel dumps. */
function hostName(a: HostAtom): string {
  return 'reg' in a ? `h${a.reg}` : 'c';
}

/** The scalar leaves of an element type; a type without columns is not supported by generated code. */
export function leavesOf(t: Type, origin: Origin | null): readonly ScalarKind[] {
  return leaves(t) ?? unsupported(`a vector of ${typeText(t)}`, origin);
}

/** A kernel under construction that can reach inner vectors. */
export interface Code {
  readonly kb: KernelBuilder;
  /** The buffer that is the whole memory as elements of `kind`. */
  memory(kind: ScalarKind): number;
}

/** Code of a kernel that combines partial states: memory buffers stand behind all others. */
export function combineCode(kb: KernelBuilder): Code {
  const made = new Map<ScalarKind, number>();
  return {
    kb,
    memory(kind) {
      const known = made.get(kind) ?? kb.buf(`memory_${kind}`, kind, 'readwrite');
      made.set(kind, known);
      return known;
    },
  };
}

/** There is no code for the construct: a typed error that names it (see `interpret.ts`). */
export function unsupported(what: string, origin: Origin | null): never {
  return fail('W5001', `generated code does not support ${what} yet`, {
    origin,
    help: 'the reference interpreter runs it, slowly: weldc run --target interp, or { target: "interp" } in a session',
  });
}
