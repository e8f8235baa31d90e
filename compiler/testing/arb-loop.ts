/**
 * Random loops: which data they walk, which builders they fill, and how often an iteration merges. Loops prefer what
 * was made last, so chains of loops arise, which is what fusion wants to see.
 */

import { type Builder, i64, lit, range, scan } from '../core/build.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import {
  appender,
  BOOL,
  type BuilderType,
  dictmerger,
  F64,
  I32,
  I64,
  isFloat,
  isNumeric,
  type MergeOp,
  merger,
  struct,
  type Type,
  U8,
  type VecType,
  vec,
  vecmerger,
} from '../core/types.ts';
import {
  isVecVar,
  NUMBERS,
  type ProgramOptions,
  SCALARS,
  ScalarGen,
  type Scope,
  scalarVar,
  type Var,
} from './arb-scalar.ts';
import type { Tape } from './tape.ts';

/** The most iterations that nested loops may add up to. */
const WORK = 3000;
const MERGE_OPS: readonly [MergeOp, ...MergeOp[]] = ['+', 'max', 'min', '*'];

/** A builder to fill, and what is known of its value. */
interface Target {
  readonly ty: BuilderType;
  readonly arg: Atom | null;
  /** The vector that a vecmerger starts from. */
  readonly table: Var<VecType> | null;
}
/** What a loop walks: vectors of one length, perhaps a range of the same length beside them. */
interface Walk {
  readonly iters: readonly Iter[];
  readonly elems: readonly Type[];
  readonly len: number;
  readonly max: number;
}

/** What an iteration did: the builder after it, and how many merges that were at least and at most. */
interface Merged {
  readonly builder: Atom;
  readonly least: number;
  readonly most: number;
}

export class LoopGen {
  readonly b: Builder;
  readonly tape: Tape;
  readonly scalars: ScalarGen;
  readonly options: Required<ProgramOptions>;
  #classes = 1000;

  constructor(b: Builder, tape: Tape, options: Required<ProgramOptions>) {
    this.b = b;
    this.tape = tape;
    this.options = options;
    this.scalars = new ScalarGen(b, tape, options);
  }

  /** A class of lengths that no other vector has. */
  freshLength(): number {
    return this.#classes++;
  }

  /** One loop with one builder or a struct of two; gives the new values. */
  loop(scope: Scope): readonly Var[] {
    const { b, tape } = this;
    const walk = this.walk(scope, WORK);
    if (tape.pick(4) === 3) {
      const [first, second] = [this.target(scope, walk), this.target(scope, walk)];
      const start = b.struct([b.builder(first.ty, first.arg), b.builder(second.ty, second.arg)]);
      const merged: Merged[] = [];
      const done = b.loop(walk.iters, start, (s, i, ...elems) => {
        const inner = this.#inside(scope, walk, i, elems);
        const [x, y] = [b.field(s, 0), b.field(s, 1)];
        merged.push(this.merges(x, first, inner, walk), this.merges(y, second, inner, walk));
        return b.struct(merged.map((m) => m.builder));
      });
      const value = b.result(done);
      return [
        ...this.outcome(b.field(value, 0), first, walk, merged[0]),
        ...this.outcome(b.field(value, 1), second, walk, merged[1]),
      ];
    }
    const target = this.target(scope, walk);
    let merged: Merged | undefined;
    const done = b.loop(walk.iters, this.#started(target, scope), (acc, i, ...elems) => {
      merged = this.merges(acc, target, this.#inside(scope, walk, i, elems), walk);
      return merged.builder;
    });
    return this.outcome(b.result(done), target, walk, merged);
  }

  /** A fresh builder, sometimes merged into before the loop, sometimes with an annotation. */
  #started(target: Target, scope: Scope): Atom {
    const { b, tape } = this;
    const fresh = b.builder(target.ty, target.arg, tape.rarely(6) ? { impl: 'local' } : {});
    if (target.ty.kind !== 'merger' || !tape.rarely(6)) return fresh;
    return b.merge(fresh, this.scalars.value(target.ty.elem, scope, 1));
  }

  /** What to iterate over: the most recent vector, others of its length, or a range. */
  walk(scope: Scope, work: number): Walk {
    const { b, tape, options } = this;
    const vecs = scope.filter(isVecVar).filter((v) => v.max <= work);
    const first = tape.recent(vecs);
    if (first === undefined || tape.rarely(8)) {
      const n = Math.floor(Math.min(tape.pick(12), work));
      const [start, stride] = [tape.pick(3), 1 + tape.pick(3)];
      const iters = [range(i64(start), i64(start + n * stride), i64(stride))];
      return { iters, elems: [I64], len: this.freshLength(), max: n };
    }
    const iters: Iter[] = [scan(first.atom)];
    const elems: Type[] = [first.ty.elem];
    const others = vecs.filter((v) => v.len === first.len || (options.errors && tape.rarely(20)));
    for (let more = tape.pick(3); more > 0; more--) {
      const other = tape.recent(others) ?? first;
      iters.push(scan(other.atom));
      elems.push(other.ty.elem);
    }
    if (tape.rarely(6)) {
      iters.push(range(i64(0), b.len(first.atom), i64(1)));
      elems.push(I64);
    }
    return { iters, elems, len: first.len, max: first.max };
  }

  #inside(scope: Scope, walk: Walk, i: Sym, elems: readonly Sym[]): Scope {
    return [...scope, scalarVar(i, I64), ...elems.map((e, k) => scalarVar(e, walk.elems[k] ?? I64))];
  }

  /** What to build, of types that the data has or of others. */
  target(scope: Scope, walk: Walk): Target {
    const { tape, options } = this;
    const plain = (ty: BuilderType, arg: Atom | null = null): Target => ({ ty, arg, table: null });
    switch (tape.pick(9)) {
      case 0:
      case 1:
      case 2:
        return plain(appender(this.elemType(walk)), tape.rarely(6) ? i64(tape.pick(20)) : null);
      case 3:
      case 4:
      case 5: {
        const [elem, op] = this.#mergeable(walk);
        return plain(merger(elem, op), tape.rarely(3) ? this.scalars.value(elem, scope, 1) : null);
      }
      case 6: {
        const tables = scope.filter(isVecVar).filter((v) => this.#mayMerge(v.ty.elem));
        const table = tape.recent(tables);
        if (table === undefined) return plain(appender(I64));
        return { ty: vecmerger(table.ty.elem, this.#opFor(table.ty.elem)), arg: table.atom, table };
      }
      default: {
        const [value, op] = this.#mergeable(walk);
        const keys: readonly [Type, ...Type[]] = [I64, I32, BOOL, U8, struct([I32, BOOL]), F64];
        const key = options.nestedVecs && tape.rarely(8) ? vec(U8) : tape.choose(keys);
        return plain(dictmerger(key, value, op), tape.rarely(3) ? i64(tape.pick(40)) : null);
      }
    }
  }

  /** The element type of a new vector. */
  elemType(walk: Walk): Type {
    const { tape, options } = this;
    if (tape.pick(3) > 0) return tape.recent(walk.elems) ?? I64;
    if (options.nestedVecs && tape.rarely(12)) return vec(tape.choose(SCALARS));
    return tape.pick(5) < 4 ? tape.choose(SCALARS) : struct([tape.choose(SCALARS), tape.choose(SCALARS)]);
  }

  #mayMerge(t: Type): boolean {
    return isNumeric(t) || (t.kind === 'struct' && t.fields.length > 0 && t.fields.every((f) => this.#mayMerge(f)));
  }
  #mergeable(walk: Walk): [Type, MergeOp] {
    const { tape } = this;
    const given = tape.pick(3) > 0 ? tape.recent(walk.elems.filter((t) => this.#mayMerge(t))) : undefined;
    if (given !== undefined) return [given, this.#opFor(given)];
    const elem = tape.rarely(5) ? struct([tape.choose(NUMBERS), tape.choose(NUMBERS)]) : tape.choose(NUMBERS);
    return [elem, this.#opFor(elem)];
  }
  #opFor(t: Type): MergeOp {
    const inexact = !this.options.floatSums && (isFloat(t) || (t.kind === 'struct' && t.fields.some(isFloat)));
    return inexact ? this.tape.choose(['max', 'min']) : this.tape.choose(MERGE_OPS);
  }

  /** The merges of one iteration. */
  merges(acc: Sym, target: Target, scope: Scope, walk: Walk): Merged {
    const { b, tape } = this;
    const merge = (to: Atom): Atom => this.merge(to, target, scope);
    const least = target.table === null ? 1 : 0;
    switch (tape.pick(9)) {
      case 5:
      case 6: {
        const builder = b.if(
          this.scalars.expr(BOOL, scope, 1 + tape.pick(2)),
          () => merge(acc),
          () => acc,
        );
        return { builder, least: 0, most: 1 };
      }
      case 7: {
        const builder = b.if(
          this.scalars.expr(BOOL, scope, 1 + tape.pick(2)),
          () => merge(acc),
          () => merge(acc),
        );
        return { builder, least, most: 1 };
      }
      case 8:
        if (tape.pick(2) === 0) return { builder: merge(merge(acc)), least: 2 * least, most: 2 };
        return this.#nested(acc, target, scope, walk);
      default:
        return { builder: merge(acc), least, most: 1 };
    }
  }

  /** A loop inside: it takes the builder along, or makes a value of its own to merge. */
  #nested(acc: Sym, target: Target, scope: Scope, walk: Walk): Merged {
    const { b, tape } = this;
    const outer = Math.max(1, walk.max);
    const inner = this.walk(scope, WORK / outer);
    if (tape.pick(2) === 0) {
      // Several merges of several loops deep would grow without bound: the body of the inner loop merges once.
      const builder = b.loop(inner.iters, acc, (a, i, ...elems) =>
        this.merge(a, target, this.#inside(scope, inner, i, elems)),
      );
      return { builder, least: 0, most: inner.max };
    }
    const [elem, op] = this.#mergeable(inner);
    const own: Target = { ty: merger(elem, op), arg: null, table: null };
    const done = b.loop(inner.iters, b.builder(own.ty), (a, i, ...elems) =>
      this.merge(a, own, this.#inside(scope, inner, i, elems)),
    );
    const known = [...scope, scalarVar(b.result(done), elem)];
    return { builder: this.merge(acc, target, known), least: target.table === null ? 1 : 0, most: 1 };
  }

  /** One merge; into a vecmerger only where the index fits. */
  merge(acc: Atom, target: Target, scope: Scope): Atom {
    const { b, tape, scalars } = this;
    const { ty, table } = target;
    switch (ty.kind) {
      case 'appender':
      case 'merger':
        return b.merge(acc, scalars.value(ty.elem, scope, tape.pick(4)));
      case 'dictmerger':
        return b.merge(acc, b.struct([this.#key(ty.key, scope), scalars.value(ty.value, scope, tape.pick(3))]));
      case 'vecmerger': {
        const index = scalars.expr(I64, scope, 2);
        const merged = (): Atom => b.merge(acc, b.struct([index, scalars.value(ty.elem, scope, 2)]));
        if (table === null || (this.options.errors && tape.rarely(4))) return merged();
        return b.if(scalars.inBounds(index, table.atom), merged, () => acc);
      }
      default:
        return ty satisfies never;
    }
  }

  /** Keys that collide: numbers are cut to few values. */
  #key(t: Type, scope: Scope): Atom {
    const { b, scalars } = this;
    if (t.kind === 'struct') return b.struct(t.fields.map((f) => this.#key(f, scope)));
    if (t.kind === 'vec') return b.vec(t.elem, [this.#key(t.elem, scope)]);
    const value = scalars.value(t, scope, 2);
    return isNumeric(t) && !isFloat(t) ? b.bin('&', value, lit(t, 3)) : value;
  }

  /** The values that a finished loop puts in scope: its result, and the entries of a dictionary as a vector. */
  outcome(value: Atom, target: Target, walk: Walk, merged: Merged | undefined): readonly Var[] {
    const { b } = this;
    const { ty, table } = target;
    const max = walk.max * (merged?.most ?? 1);
    switch (ty.kind) {
      case 'appender': {
        const exactlyOnce = merged?.least === 1 && merged.most === 1;
        return [{ atom: value, ty: vec(ty.elem), len: exactlyOnce ? walk.len : this.freshLength(), max }];
      }
      case 'merger':
        return [scalarVar(value, ty.elem)];
      case 'vecmerger':
        return [{ atom: value, ty: vec(ty.elem), len: table?.len ?? this.freshLength(), max: table?.max ?? max }];
      case 'dictmerger': {
        const entries: Var = {
          atom: b.tovec(value),
          ty: vec(struct([ty.key, ty.value])),
          len: this.freshLength(),
          max,
        };
        return [scalarVar(value, b.typeOf(value)), entries];
      }
      default:
        return ty satisfies never;
    }
  }
}
