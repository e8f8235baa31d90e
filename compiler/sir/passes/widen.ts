/**
 * If-conversion: the wide form of a scalar body, for `lanes` rows at once.
 *
 *     x = a[row]                          x2 = a[row ..]
 *     if x > 0 {                          m = x2 > 0
 *       y = log(x)                        y2 = log(x2)              pure: computed in all lanes
 *       s += y                            s += y2 where m
 *       push #0 { out <- y }              push #0 { out <- y2 } where m
 *       t[k] += y                         if m.0 { t[k2.0] += y2.0 }      row by row, after the wide part
 *     }                                   if m.1 { t[k2.1] += y2.1 }
 *
 * Conditions become masks. Values that are the same in all rows stay scalar. A variable becomes one register per
 * assignment, selected by the mask. Loads at the row are contiguous; other loads are gathers, lane by lane, with
 * index 0 where the mask is off (element 0 of any buffer may be read); masked divisors become 1. A fail tests all
 * lanes at once, so after it no lane has failed. A loop that goes round equally often in all rows goes round once for
 * all lanes; what it assigns stays variable, and every other use of a variable is a copy of its value at that place. Statements that `rowOrder` found keep their scalar form: they are
 * collected in order, each with its enclosing conditions, and copied once a lane behind the wide part.
 */

import { scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { any, bin, bitcast, cast, cmp, get, type KernelBuilder, lane, lanes, lit, sel, splat, un } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { mapOperands, mapStmts, operands, readsAny, readsOnly, rewriteExpr } from '../shape.ts';
import { stepOf } from './counts.ts';
import { divides, isIntDivision, isNonZero } from './division.ts';
import { gatherAddresses, laneAddresses } from './lane-addresses.ts';
import { exprGain } from './lane-gain.ts';
import { isRow, type RowOrder, storedByBoth } from './row-order.ts';
import { isDear } from './row-part.ts';
import { placeRows, type RowPlace } from './row-phase.ts';
import { changes, emitSkipped, laneWork, type Skipping } from './skip.ts';
import { assignedInLoops, uniformValues } from './uniform.ts';

/**
 * Emits the wide form of `body` (a body of `kernel` with plain addresses) into the current block of `k`. Gives the number
 * of branches that are jumped over where no row takes them (`skip.ts`): 0 unless `skipping`.
 */
export function widen(
  k: KernelBuilder,
  kernel: Kernel,
  body: readonly Stmt[],
  order: RowOrder,
  width: 2 | 4,
  { place, skipping }: { readonly place: RowPlace; readonly skipping: Skipping | null },
): number {
  const w = new Widener(k, kernel, body, order, width, skipping);
  placeRows(k, kernel, w.block(body, null, null), width, place);
  return w.skipped;
}

type Mask = SExpr | null;
/** Catches the stores of a branch to buffers that the other branch stores to as well: they become one selection. */
interface Sink {
  readonly bufs: ReadonlySet<number>;
  readonly values: Map<number, SExpr>;
}

class Widener {
  readonly #k: KernelBuilder;
  readonly #kernel: Kernel;
  readonly #order: RowOrder;
  readonly #width: 2 | 4;
  /** What the registers of the body are here: a scalar that all rows share, or a wide value. */
  readonly #shared = new Map<Reg, SExpr>();
  readonly #wide = new Map<Reg, SExpr>();
  readonly #skipping: Skipping | null;
  /** What the registers that addresses are made of are in each lane. */
  readonly #perLane = new Map<Reg, readonly SExpr[]>();
  /** The registers of the wide code that are assigned to. */
  readonly #vars = new Set<Reg>();
  /** Registers of the body: the same in all rows; assigned to inside loops; on the way to the address of a gather. */
  readonly #uniform: ReadonlySet<Reg>;
  readonly #looped: ReadonlySet<Reg>;
  readonly #addresses: ReadonlySet<Reg>;
  #rows: SExpr | null = null;
  /** Branches that are jumped over where no row takes them, and whether this is inside of one. */
  skipped = 0;
  #inside = false;

  constructor(
    k: KernelBuilder,
    kernel: Kernel,
    body: readonly Stmt[],
    order: RowOrder,
    width: 2 | 4,
    skipping: Skipping | null,
  ) {
    this.#skipping = skipping;
    this.#k = k;
    this.#kernel = kernel;
    this.#order = order;
    this.#width = width;
    this.#uniform = uniformValues(kernel, body);
    this.#looped = assignedInLoops(body);
    this.#addresses = gatherAddresses(body, kernel.index, this.#uniform);
    for (const p of kernel.scalars) this.#shared.set(p.reg, get(p.reg, p.kind));
  }

  /** Emits the wide part of a block under a mask; gives back what remains to be done row by row. */
  block(stmts: readonly Stmt[], mask: Mask, sink: Sink | null): readonly Stmt[] {
    return stmts.flatMap((s) => (this.#order.stmts.has(s) ? this.#keep(s, mask) : this.#stmt(s, mask, sink)));
  }

  #stmt(s: Stmt, mask: Mask, sink: Sink | null): readonly Stmt[] {
    const k = this.#k;
    switch (s.s) {
      case 'let':
        if (this.#isShared(s.e)) {
          this.#shared.set(s.reg, this.#let(this.#scalar(s.e, mask)));
          return [];
        }
        this.#wide.set(s.reg, this.#let(this.#address(s.reg, s.e) ?? this.#lift(s.e, mask)));
        return [];
      case 'load':
        this.#load(s, mask);
        return [];
      case 'var':
        if (this.#uniform.has(s.reg)) this.#shared.set(s.reg, this.#var(this.#scalar(s.e, mask)));
        else if (this.#looped.has(s.reg)) this.#wide.set(s.reg, this.#var(this.#lift(s.e, mask)));
        else this.#wide.set(s.reg, this.#let(this.#lift(s.e, mask)));
        return [];
      case 'set':
        this.#set(s.reg, s.e, mask);
        return [];
      case 'store': {
        const value = this.#lift(s.value, mask);
        if (sink?.bufs.has(s.buf)) sink.values.set(s.buf, this.#let(value));
        else this.#store(s.buf, value, mask);
        return [];
      }
      case 'accum': {
        const own = s.mask === null ? mask : this.#conjunction(mask, this.#lift(s.mask, mask));
        k.accum(s.red, this.#lift((this.#width === 4 ? stepOf(s.value) : null) ?? s.value, mask), own);
        return [];
      }
      case 'if':
        return this.#if(s, mask);
      case 'fail':
        if (mask === null && this.#isShared(s.when)) k.fail(s.code, this.#scalar(s.when, mask));
        else k.fail(s.code, this.#conjunction(mask, this.#lift(s.when, mask)));
        return [];
      case 'push': {
        const on = mask ?? lit('bool', true, this.#width);
        k.push(
          s.cursor,
          s.stores.map((p) => [p.buf, this.#lift(p.value, mask)] as const),
          on,
        );
        return [];
      }
      case 'while':
        // Made before the loop, which other code may not look into.
        this.#rowNumbers();
        k.while(this.#scalar(s.cond, mask), () => this.block(s.body, mask, null));
        return [];
      case 'pick':
        throw new InternalError(`sir: a pick in the scalar body of ${this.#kernel.name}`);
      default:
        return s satisfies never;
    }
  }

  #if(s: Extract<Stmt, { readonly s: 'if' }>, mask: Mask): readonly Stmt[] {
    const cond = this.#let(this.#lift(s.cond, mask));
    const bufs = storedByBoth(s, this.#order);
    const stored = { yes: new Map<number, SExpr>(), no: new Map<number, SExpr>() };
    const yes = this.#branch(s.then, this.#conjunction(mask, cond), { bufs, values: stored.yes });
    const otherwise = (): SExpr => this.#conjunction(mask, un('not', cond));
    const no = s.else.length === 0 ? [] : this.#branch(s.else, otherwise(), { bufs, values: stored.no });
    for (const [buf, a] of stored.yes) {
      const b = stored.no.get(buf);
      if (b !== undefined) this.#store(buf, sel(cond, a, b), mask);
    }
    if (yes.length + no.length === 0) return [];
    if (no.length > 0) return [{ s: 'if', cond: lane(cond, 0), then: yes, else: no }];
    // With nothing on the other side the whole mask can be asked, and of nested conditions the innermost says it all.
    const [only, more] = yes;
    if (only?.s === 'if' && more === undefined && only.else.length === 0 && only.cond.x === 'lane') return yes;
    return [{ s: 'if', cond: lane(this.#conjunction(mask, cond), 0), then: yes, else: [] }];
  }

  /** A block under a mask, jumped over where no lane is on if that pays. */
  #branch(stmts: readonly Stmt[], mask: SExpr, sink: Sink): readonly Stmt[] {
    const skipping = this.#skipping;
    if (skipping === null || this.#inside || laneWork(stmts, this.#order.stmts) < skipping.worth) {
      return this.block(stmts, mask, sink);
    }
    const [before, rows] = [new Map(this.#wide), this.#rows];
    let rest: readonly Stmt[] = [];
    this.#inside = true;
    const body = this.#k.block(() => {
      rest = this.block(stmts, mask, sink);
    });
    this.#inside = false;
    this.#rows = rows;
    this.skipped++;
    const assigned = changes(before, this.#wide);
    const made = emitSkipped(this.#k, { body, rest, values: sink.values, assigned }, mask, skipping.counter);
    for (const { reg, after } of made.assigned) this.#wide.set(reg, after);
    for (const [buf, value] of made.values) sink.values.set(buf, value);
    return made.rest;
  }

  #store(buf: number, value: SExpr, mask: Mask): void {
    const k = this.#k;
    if (mask === null) {
      k.store(buf, k.index, value);
      return;
    }
    const bound = this.#let(value);
    for (let i = 0; i < this.#width; i++) {
      k.if(lane(mask, i), () => k.store(buf, this.#rowOf(i), lane(bound, i)));
    }
  }

  #load(s: Extract<Stmt, { readonly s: 'load' }>, mask: Mask): void {
    const k = this.#k;
    const zero = lit('i32', 0);
    // With no lane on, nothing says that the address is inside the buffer. With one on, the load reads at most one
    // register too far.
    const safe = (at: SExpr): SExpr => (mask === null ? at : sel(any(mask), at, zero));
    if (isRow(s.index, this.#kernel.index) || (mask === null && this.#isBesideRow(s.index))) {
      this.#wide.set(s.reg, k.load(s.buf, safe(this.#scalar(s.index, mask)), this.#width));
      return;
    }
    if (this.#isShared(s.index)) {
      this.#shared.set(s.reg, k.load(s.buf, safe(this.#scalar(s.index, mask))));
      return;
    }
    const places = this.#places(s.index);
    const at = places === null ? this.#let(this.#masked(this.#lift(s.index, mask), mask)) : null;
    const items = this.#each((i) => {
      const own = places?.[i];
      if (own === undefined) return k.load(s.buf, lane(at ?? zero, i));
      return k.load(s.buf, mask === null ? own : sel(lane(mask, i), own, zero));
    });
    this.#wide.set(s.reg, this.#let(lanes(items)));
  }

  /** An address, 0 in lanes that are off. */
  #masked(at: SExpr, mask: Mask): SExpr {
    return mask === null ? at : sel(mask, at, lit('i32', 0, this.#width));
  }

  /**
   * Remembers what an integer on the way to an address is in each lane: so nothing is taken out of a register. Where the
   * lanes together would be dearer than one by one, the wide value is put together of them.
   */
  #address(reg: Reg, e: SExpr): SExpr | null {
    const places = this.#addresses.has(reg) ? this.#places(e) : null;
    if (places === null) return null;
    const named = places.map((place) => this.#let(place));
    this.#perLane.set(reg, named);
    return e.x === 'bin' && e.op === '*' && scalarBytes(e.ty.kind) === 8 ? lanes(named) : null;
  }
  #places(e: SExpr): readonly SExpr[] | null {
    return laneAddresses(e, this.#width, (reg, i) => {
      if (reg === this.#kernel.index) return this.#rowOf(i);
      return this.#shared.get(reg) ?? this.#perLane.get(reg)?.[i] ?? null;
    });
  }

  #var(e: SExpr): SExpr {
    const made = this.#k.var(e);
    this.#vars.add(made.reg);
    return made;
  }
  #set(reg: Reg, e: SExpr, mask: Mask): void {
    const shared = this.#shared.get(reg);
    if (shared?.x === 'get') {
      this.#k.set(shared, this.#scalar(e, mask));
      return;
    }
    const [before, value] = [this.#wideReg(reg), this.#lift(e, mask)];
    const after = mask === null ? value : sel(mask, value, before);
    if (before.x === 'get' && this.#vars.has(before.reg)) this.#k.set(before, after);
    else this.#wide.set(reg, this.#let(after));
  }

  /** Names a value. That of a variable is copied, since it may change. */
  #let(e: SExpr): SExpr {
    if (e.x !== 'get' || !this.#vars.has(e.reg)) return this.#k.let(e);
    const reg = this.#k.fresh();
    this.#k.emit({ s: 'let', reg, e });
    return get(reg, e.ty.kind, e.ty.lanes);
  }

  /** Is the address the row plus something that all rows share (in the form of `plainAddresses`)? */
  #isBesideRow(index: SExpr): boolean {
    return index.x === 'bin' && index.op === '+' && isRow(index.a, this.#kernel.index) && this.#isShared(index.b);
  }

  /** A statement that runs row by row, with what the wide part knows of its operands. Lanes are filled in later. */
  #keep(s: Stmt, mask: Mask): readonly Stmt[] {
    return mapStmts([s], (e) => this.#handOver(e, mask));
  }

  /**
   * A scalar expression for the row-by-row part: subexpressions that the wide part can compute are computed there
   * and read by lane, written as lane 0. Not a division, which the conditions around it may guard.
   */
  #handOver(e: SExpr, mask: Mask): SExpr {
    if (this.#isShared(e)) return divides(e) ? this.#kept(e, mask) : this.#still(this.#scalar(e, mask));
    if (isRow(e, this.#kernel.index)) return e;
    const known = readsOnly(e, { has: (r) => this.#shared.has(r) || this.#wide.has(r) || r === this.#kernel.index });
    if (!known || divides(e) || !this.#fits(e)) return this.#kept(e, mask);
    const lifted = this.#lift(e, mask);
    // What only some rows want is not made for all.
    const pays = e.x === 'get' || isDear(e) || (mask === null && exprGain(lifted) >= 0);
    return pays ? lane(this.#let(lifted), 0) : this.#kept(e, mask);
  }

  /** A value that is read later on: not what variables will be then. */
  #still(e: SExpr): SExpr {
    return readsAny(e, this.#vars) ? this.#let(e) : e;
  }

  #kept(e: SExpr, mask: Mask): SExpr {
    if (e.x === 'get') return this.#still(this.#shared.get(e.reg) ?? e);
    return mapOperands(e, (a) => this.#handOver(a, mask));
  }

  /** May all of `e` be computed in this many lanes? */
  #fits(e: SExpr): boolean {
    return (this.#width === 2 || scalarBytes(e.ty.kind) < 8) && operands(e).every((a) => this.#fits(a));
  }

  #isShared(e: SExpr): boolean {
    return readsOnly(e, this.#shared);
  }

  /** A shared or row-dependent scalar expression, in the registers of the wide code. */
  #scalar(e: SExpr, mask: Mask): SExpr {
    return rewriteExpr(e, (x) => {
      if (x.x === 'get') return this.#shared.get(x.reg) ?? x;
      if (!isIntDivision(x) || mask === null || isNonZero(x.b)) return x;
      return { ...x, b: sel(any(mask), x.b, lit(x.ty.kind, 1)) };
    });
  }

  /** A wide expression for what `e` is in each of the rows. */
  #lift(e: SExpr, mask: Mask): SExpr {
    if (e.x === 'lit') return { ...e, ty: { ...e.ty, lanes: this.#width } };
    if (this.#isShared(e)) return splat(this.#scalar(e, mask), this.#width);
    const up = (a: SExpr): SExpr => this.#lift(a, mask);
    switch (e.x) {
      case 'get':
        return e.reg === this.#kernel.index ? this.#rowNumbers() : this.#wideReg(e.reg);
      case 'un':
        return un(e.op, up(e.a));
      case 'bin': {
        const divisor = up(e.b);
        const guard = isIntDivision(e) && mask !== null && !isNonZero(e.b);
        return bin(e.op, up(e.a), guard ? sel(mask, divisor, lit(e.ty.kind, 1, this.#width)) : divisor);
      }
      case 'cmp':
        return cmp(e.op, up(e.a), up(e.b));
      case 'select':
        return sel(up(e.c), up(e.a), up(e.b));
      case 'cast':
        return cast(up(e.a), e.ty.kind);
      case 'bitcast':
        return bitcast(up(e.a), e.ty.kind);
      case 'splat':
      case 'lane':
      case 'lanes':
      case 'any':
      case 'whole':
        throw new InternalError(`sir: ${e.x} in the scalar body of ${this.#kernel.name}`);
      default:
        return e satisfies never;
    }
  }

  #wideReg(reg: Reg): SExpr {
    const e = this.#wide.get(reg);
    if (e === undefined) throw new InternalError(`sir: %${reg} has no wide form in ${this.#kernel.name}`);
    return e;
  }

  #conjunction(mask: Mask, cond: SExpr): SExpr {
    return this.#let(mask === null ? cond : bin('&', mask, cond));
  }

  #rowNumbers(): SExpr {
    if (this.#rows === null) {
      const steps = lanes(this.#each((i) => lit('i32', i)));
      this.#rows = this.#let(bin('+', splat(this.#k.index, this.#width), steps));
    }
    return this.#rows;
  }
  #rowOf(i: number): SExpr {
    return i === 0 ? this.#k.index : bin('+', this.#k.index, lit('i32', i));
  }
  #each(f: (i: number) => SExpr): SExpr[] {
    return Array.from({ length: this.#width }, (_, i) => f(i));
  }
}
