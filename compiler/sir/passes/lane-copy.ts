/**
 * The row-by-row part of wide code: a copy of scalar statements for each lane.
 *
 *     if %4.0 { push #0 { out <- %5.0 } }     for lane 1 becomes     if %4.1 { push #0 { out <- %5.1 } }
 *
 * The statements come from `widen.ts`, which wrote every read of a wide value as its lane 0. A copy reads its own
 * lane, has its own row, and defines registers of its own. Copies stand in lane order, so effects are in row order.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { bin, type KernelBuilder, lit } from '../build.ts';
import type { Reg, SExpr, Stmt } from '../kernel.ts';
import { rewriteExpr } from '../shape.ts';

/** Emits statements for one lane into the current block of a builder. */
export class LaneCopy {
  readonly #k: KernelBuilder;
  readonly #lane: number;
  readonly #regs = new Map<Reg, Reg>();

  constructor(k: KernelBuilder, index: number) {
    this.#k = k;
    this.#lane = index;
  }

  emit(stmts: readonly Stmt[]): void {
    for (const s of stmts) this.#stmt(s);
  }

  #stmt(s: Stmt): void {
    const k = this.#k;
    switch (s.s) {
      case 'let':
      case 'var': {
        const e = this.#expr(s.e);
        k.emit({ ...s, reg: this.#fresh(s.reg), e });
        return;
      }
      case 'load': {
        const index = this.#expr(s.index);
        k.emit({ ...s, reg: this.#fresh(s.reg), index });
        return;
      }
      case 'set':
        k.emit({ ...s, reg: this.#regs.get(s.reg) ?? s.reg, e: this.#expr(s.e) });
        return;
      case 'store':
        k.emit({ ...s, index: this.#expr(s.index), value: this.#expr(s.value) });
        return;
      case 'accum':
        k.emit({ ...s, value: this.#expr(s.value), mask: s.mask === null ? null : this.#expr(s.mask) });
        return;
      case 'if':
        k.if(this.#expr(s.cond), () => this.emit(s.then), s.else.length === 0 ? null : () => this.emit(s.else));
        return;
      case 'while':
        k.while(this.#expr(s.cond), () => this.emit(s.body));
        return;
      case 'push':
        k.emit({ ...s, stores: s.stores.map((p) => ({ ...p, value: this.#expr(p.value) })) });
        return;
      case 'fail':
        k.fail(s.code, this.#expr(s.when));
        return;
      case 'pick':
        throw new InternalError('sir: a pick among row-by-row statements');
      default:
        s satisfies never;
    }
  }

  #expr(e: SExpr): SExpr {
    const i = this.#lane;
    return rewriteExpr(e, (x) => {
      if (x.x === 'lane') return { ...x, lane: i };
      if (x.x !== 'get') return x;
      if (x.reg === this.#k.index.reg) return i === 0 ? x : bin('+', x, lit('i32', i));
      const reg = this.#regs.get(x.reg);
      return reg === undefined ? x : { ...x, reg };
    });
  }

  #fresh(reg: Reg): Reg {
    const own = this.#k.fresh();
    this.#regs.set(reg, own);
    return own;
  }
}
