/**
 * Random walks: what a loop goes over. Vectors of one length are walked together, whole or through one window of their
 * elements; ranges and strided walks of the same length join them. Bounds are valid, by arithmetic on the length or,
 * where it is known, by literals; programs that may fail have others, too.
 */

import { i64, iter, range, scan } from '../core/build.ts';
import type { Atom, Iter } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import { I64, type Type, type VecType } from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { inside, isVecVar, NO_CLASS, ONE, partOf, type Scope, type Size, scalarVar, type Var } from './arb-scope.ts';

/** The elements that an iterator gives. */
interface Elem {
  readonly ty: Type;
  readonly size: Size;
}
/** What a loop walks, and at most how long. */
export interface Walk {
  readonly iters: readonly Iter[];
  readonly elems: readonly Elem[];
  readonly len: number;
  readonly max: number;
}
/** The elements start, start + stride, .. of vectors of one length. */
interface Window {
  readonly start: Atom;
  readonly stride: number;
  /** The end and the number of elements; null when it is all of them and nobody has asked how many. */
  readonly ends: { readonly end: Atom; readonly count: Atom } | null;
  readonly max: number;
}
type Counted = Window & { readonly ends: NonNullable<Window['ends']> };

export class WalkGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** What to iterate over: the most recent vector, others of its length, or a range. */
  walk(scope: Scope): Walk {
    const { tape, options } = this.#gen;
    const vecs = scope.vars.filter(isVecVar).filter((v) => v.size.max <= scope.work);
    const first = tape.recent(vecs);
    if (first === undefined || tape.rarely(8)) return this.#numbers(scope);
    if (options.errors && options.rich && tape.rarely(12) && scope.work >= 40) return this.#wrong(first);
    const window = options.rich && tape.rarely(5) ? this.#window(first) : whole(first);
    if (options.rich && tape.rarely(12)) return this.#grid(first, window);
    const iters = [this.#over(first, window)];
    const elems = [elemOf(first)];
    const alike = (v: Var): boolean => v === first || (v.len === first.len && v.len !== NO_CLASS);
    const others = vecs.filter((v) => alike(v) || (options.errors && tape.rarely(20)));
    for (let more = tape.pick(3); more > 0; more--) {
      const other = tape.recent(others) ?? first;
      iters.push(this.#over(other, window));
      elems.push(elemOf(other));
    }
    if (tape.rarely(6)) {
      iters.push(this.#beside(first, window));
      elems.push(INDEX);
    }
    return { iters, elems, len: window.ends === null ? first.len : this.#gen.freshLength(), max: window.max };
  }

  /** A part of a vector, or all of it. */
  windowed(v: Var<VecType>, scope: Scope): Walk {
    const w = this.#window(v);
    return w.max > scope.work
      ? { iters: [scan(v.atom)], elems: [elemOf(v)], len: v.len, max: v.size.max }
      : { iters: [this.#over(v, w)], elems: [elemOf(v)], len: this.#gen.freshLength(), max: w.max };
  }

  /** Whole vectors of one length, side by side. */
  along(vecs: readonly [Var<VecType>, ...Var<VecType>[]]): Walk {
    const [first] = vecs;
    return { iters: vecs.map((v) => scan(v.atom)), elems: vecs.map(elemOf), len: first.len, max: first.size.max };
  }

  /** The scope of the loop's body. */
  body(scope: Scope, walk: Walk, i: Atom, elems: readonly Atom[]): Scope {
    const vars = elems.map((atom, k): Var => {
      const { ty, size } = walk.elems[k] ?? INDEX;
      return { atom, ty, size, len: ty.kind === 'vec' ? this.#gen.freshLength() : NO_CLASS };
    });
    return { ...inside(scope, [scalarVar(i, I64), ...vars], walk.max), elems: vars };
  }

  /** A range alone. */
  #numbers(scope: Scope): Walk {
    const { tape } = this.#gen;
    const n = Math.floor(Math.min(tape.pick(12), scope.work));
    const [start, stride] = [tape.pick(3), 1 + tape.pick(3)];
    const iters = [range(i64(start), i64(start + n * stride), i64(stride))];
    return { iters, elems: [INDEX], len: this.#gen.freshLength(n), max: n };
  }

  #length(v: Var): Atom {
    const known = this.#gen.lengths.get(v.len);
    return known !== undefined && this.#gen.tape.pick(2) === 0 ? i64(known) : this.#gen.b.len(v.atom);
  }
  #counted(v: Var, window: Window): Counted {
    if (window.ends !== null) return { ...window, ends: window.ends };
    const n = this.#length(v);
    return { ...window, ends: { end: n, count: n } };
  }

  /** Some of the elements: those from a start on, perhaps every second or third. */
  #window(v: Var): Window {
    const { b, tape, lengths } = this.#gen;
    const stride = 1 + tape.pick(3);
    const known = lengths.get(v.len);
    if (known !== undefined && tape.pick(2) === 0) {
      const start = tape.pick(known + 1);
      const most = Math.floor((known - start) / stride);
      const count = Math.max(0, most - tape.pick(3));
      const ends = { end: i64(start + count * stride), count: i64(count) };
      return { start: i64(start), stride, ends, max: count };
    }
    const n = this.#length(v);
    const start = b.bin('min', i64(tape.pick(4)), n);
    const left = b.bin('-', n, start);
    const count = stride === 1 ? left : b.bin('/', left, i64(stride));
    const end = stride === 1 ? n : b.bin('+', start, b.bin('*', count, i64(stride)));
    return { start, stride, ends: { end, count }, max: v.size.max };
  }

  /** A walk over a vector of the window's class. */
  #over(v: Var, window: Window): Iter {
    const { tape, options } = this.#gen;
    if (window.ends === null && (!options.rich || !tape.rarely(6))) return scan(v.atom);
    const w = this.#counted(v, window);
    return tape.rarely(4) ? this.#strided(v, w) : iter(v.atom, w.start, w.ends.end, i64(w.stride));
  }

  /** As many numbers. */
  #beside(first: Var, window: Window): Iter {
    const { b, tape } = this.#gen;
    const count = window.ends === null ? b.len(first.atom) : window.ends.count;
    if (!this.#gen.options.rich || tape.pick(2) === 0) return range(i64(0), count, i64(1));
    const [start, stride] = [i64(tape.pick(9) - 4), i64(1 + tape.pick(3))];
    return range(start, b.bin('+', start, b.bin('*', count, stride)), stride);
  }

  /** An `nditer` that gives as many elements as the window has: forwards, backwards, or one again and again. */
  #strided(v: Var, w: Counted): Iter {
    const { b, tape } = this.#gen;
    const one = i64(1);
    const { count } = w.ends;
    const walk = (start: Atom, shape: readonly Atom[], steps: readonly number[]): Iter =>
      this.#nditer(v, start, count, shape, steps.map(i64));
    switch (tape.pick(5)) {
      case 0:
        return walk(w.start, [count], [w.stride]);
      case 1: {
        const back = b.bin('*', b.bin('max', i64(0), b.bin('-', count, one)), i64(w.stride));
        return walk(b.bin('+', w.start, back), [count], [-w.stride]);
      }
      case 2:
        return walk(w.start, [count, one], [w.stride, 1]);
      case 3:
        return walk(w.start, [one, count], [1, w.stride]);
      default:
        return walk(w.start, [count], [0]);
    }
  }

  /** Two dimensions over half of the elements each: rows, columns, or the same row again. */
  #grid(v: Var<VecType>, window: Window): Walk {
    const { b, tape } = this.#gen;
    const w = this.#counted(v, window);
    const n = w.ends.count;
    const half = isLit(n) ? i64(Number(n.lit) >> 1) : b.bin('/', n, i64(2));
    const count = b.bin('*', half, i64(2));
    const columns = (): Atom => b.bin('*', half, i64(w.stride));
    const steps = tape.choose<() => readonly Atom[]>([
      () => [i64(2 * w.stride), i64(w.stride)],
      () => [i64(w.stride), columns()],
      () => [i64(0), i64(w.stride)],
    ])();
    const it = this.#nditer(v, w.start, count, [half, i64(2)], steps);
    return { iters: [it], elems: [elemOf(v)], len: this.#gen.freshLength(), max: w.max };
  }

  /** Bounds, most of which are no good. */
  #wrong(v: Var<VecType>): Walk {
    const { tape } = this.#gen;
    const n = (from: number, to: number): Atom => i64(from + tape.pick(to - from + 1));
    const len = this.#gen.freshLength();
    switch (tape.pick(3)) {
      case 0:
        return { iters: [range(n(-1, 6), n(0, 12), n(0, 3))], elems: [INDEX], len, max: 13 };
      case 1:
        return { iters: [iter(v.atom, n(-1, 6), n(0, 12), n(0, 3))], elems: [elemOf(v)], len, max: 13 };
      default: {
        const it = this.#nditer(v, n(-1, 3), n(0, 16), [n(-1, 4), n(0, 4)], [n(-2, 3), n(-1, 3)]);
        return { iters: [it], elems: [elemOf(v)], len, max: 16 };
      }
    }
  }

  /** The bounds of an nditer say how many elements there are, from its start on. */
  #nditer(v: Var, start: Atom, count: Atom, shape: readonly Atom[], steps: readonly Atom[]): Iter {
    const { b } = this.#gen;
    const end = isLit(start) && start.lit === 0n ? count : b.bin('+', start, count);
    return {
      kind: 'nditer',
      vec: v.atom,
      start,
      end,
      stride: i64(1),
      shape: b.vec(I64, shape),
      steps: b.vec(I64, steps),
    };
  }
}

const whole = (v: Var): Window => ({ start: i64(0), stride: 1, ends: null, max: v.size.max });
const INDEX: Elem = { ty: I64, size: ONE };
const elemOf = (v: Var<VecType>): Elem => ({ ty: v.ty.elem, size: partOf(v.size, 0) });
