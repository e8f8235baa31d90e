/**
 * Program = symbol table + one block. The block's params are the program's arguments.
 *
 * Types, name hints and origins live in the append-only symbol table, beside the tree and never in it: operations
 * compare structurally, and an old version of a program stays valid while a pass makes the next one.
 */

import type { Origin } from '../diag/diagnostic.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { Atom, Block, Sym } from './op.ts';
import { isLit } from './op.ts';
import type { Type } from './types.ts';

/** Append-only table of symbols. Shared by all versions of one program. */
export class SymTab {
  readonly #types: Type[] = [];
  readonly #hints: string[] = [];
  readonly #origins: (Origin | null)[] = [];

  /** A new symbol; `hint` names it in text, `origin` places it in diagnostics. */
  fresh(ty: Type, hint = 't', origin: Origin | null = null): Sym {
    this.#types.push(ty);
    this.#hints.push(hint);
    this.#origins.push(origin);
    return (this.#types.length - 1) as Sym;
  }
  type(s: Sym): Type {
    const ty = this.#types[s];
    if (ty === undefined) throw new InternalError(`symbol %${s} is not in this program's table`);
    return ty;
  }
  typeOf(a: Atom): Type {
    return isLit(a) ? a.ty : this.type(a);
  }
  /** Gives a symbol a better name for text; its meaning does not change. */
  rename(s: Sym, hint: string): void {
    this.#hints[s] = hint;
  }
  hint(s: Sym): string {
    return this.#hints[s] ?? 't';
  }
  origin(s: Sym): Origin | null {
    return this.#origins[s] ?? null;
  }
  get size(): number {
    return this.#types.length;
  }
}

export interface Program {
  readonly syms: SymTab;
  readonly body: Block;
}

/** The program's argument types, in order. */
export const paramTypes = (p: Program): readonly Type[] => p.body.params.map((s) => p.syms.type(s));
/** The type of the program's value. */
export const resultType = (p: Program): Type => p.syms.typeOf(p.body.result);
