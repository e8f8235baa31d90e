/**
 * Random matrices, kept row by row in one vector, and loops over their rows: a map of so many rows and columns, an outer
 * loop that counts rows (or takes them as they come, in programs that may fail), and inner loops over a row, or over the
 * indices of a row, which they take apart. That is what the passes over rows look for, and single choices of the other
 * generators would seldom come together in it.
 */

import { bool, i64, iter, range, scan } from '../core/build.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import { appender, BOOL, F64, I64, merger, type ScalarType, vec } from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { inside, isVecVar, NO_CLASS, ONE, type Scope, scalarVar, type Var, vecSize } from './arb-scope.ts';

/** More rows than are unrolled. */
const MOST_ROWS = 14;
const MOST_COLUMNS = 3;

export class MatrixGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** What is made of the rows of a new matrix, and sometimes the matrix. */
  make(scope: Scope): readonly Var[] {
    const { b, tape, options } = this.#gen;
    const columns = 1 + tape.pick(MOST_COLUMNS);
    const width = i64(columns);
    const source =
      tape.pick(2) === 0 ? tape.recent(scope.vars.filter(isVecVar).filter((v) => v.size.max <= 16)) : undefined;
    const most = source === undefined ? tape.pick(MOST_ROWS) : Math.ceil(source.size.max / columns);
    if (most * columns * 8 > scope.work) return [];
    // A matrix that does not start at 0 has a row less, and now and then nobody knows.
    const from = most > 0 && tape.rarely(3) ? 1 : 0;
    const count = options.errors && tape.rarely(4) ? most : most - from;
    const rows: Atom = source === undefined ? i64(count) : b.bin('/', b.len(source.atom), width);
    const end = i64(most * columns);
    const over = source === undefined ? range(i64(from), end, i64(1)) : scan(source.atom);
    const ty = tape.pick(2) === 0 ? I64 : F64;
    const matrix = this.#map(over, ty, width, inside(scope, [], most * columns), source === undefined);
    const sums = this.#rows(matrix, rows, width, ty, scope, most);
    return tape.rarely(4) ? [{ ...sums, atom: matrix, size: vecSize(most * columns, ONE) }, sums] : [sums];
  }

  /** `result(for(over, appender[T], |b,i,e| merge(b, ..)))` */
  #map(over: Iter, ty: ScalarType, width: Atom, scope: Scope, counts: boolean): Sym {
    const { b, tape, options } = this.#gen;
    const made = b.loop([over], b.builder(appender(ty)), (s, i, e) => {
      const known = this.#split(counts ? (e ?? i) : i, width, scope);
      if (options.errors && tape.rarely(4)) b.assert(b.bin('<', i, i64(1 + tape.pick(9))));
      return b.merge(s, this.#value(ty, known));
    });
    return b.result(made);
  }

  /** The scope with an index, its row and its column. */
  #split(index: Atom, width: Atom, scope: Scope): Scope {
    const { b } = this.#gen;
    const parts = [index, b.bin('/', index, width), b.bin('%', index, width)];
    const elems = parts.map((a) => scalarVar(a, I64));
    return { ...scope, elems: elems.toReversed(), vars: [...scope.vars, ...elems] };
  }

  /** One value for each row. */
  #rows(matrix: Sym, count: Atom, width: Atom, ty: ScalarType, scope: Scope, most: number): Var {
    const { b, tape, scalars } = this.#gen;
    const anyRow = tape.rarely(5);
    const out = b.loop([range(i64(0), count, i64(1))], b.builder(appender(ty)), (s, _i, e) => {
      const known = inside(scope, [], most);
      const row = anyRow ? this.#anyRow(e ?? i64(0), known) : (e ?? i64(0));
      const start = tape.pick(2) === 0 ? b.bin('*', row, width) : b.bin('*', width, row);
      const stop = b.bin('+', start, width);
      const one = (): Atom => this.#row(anyRow ? null : matrix, start, stop, width, ty, known);
      if (tape.rarely(4))
        return b.if(
          scalars.expr(BOOL, known, 1),
          () => b.merge(s, one()),
          () => s,
        );
      return b.merge(s, tape.rarely(3) ? b.bin('max', one(), one()) : one());
    });
    return { atom: b.result(out), ty: vec(ty), size: vecSize(most, ONE), len: NO_CLASS };
  }

  /** A row that may be in front of the first one: two less than the number of the round, or any. */
  #anyRow(round: Atom, scope: Scope): Atom {
    const { b, tape, scalars } = this.#gen;
    return tape.pick(2) === 0 ? b.bin('-', round, i64(2)) : b.bin('%', scalars.expr(I64, scope, 1), i64(5));
  }
  #value(ty: ScalarType, scope: Scope): Atom {
    const { tape, scalars, telling } = this.#gen;
    return tape.pick(2) === 0 ? telling.value(ty, scope.elems) : scalars.expr(ty, scope, 1 + tape.pick(2));
  }

  /** What a loop makes of a row of the matrix, or of the indices of a row. */
  #row(matrix: Sym | null, start: Atom, end: Atom, width: Atom, ty: ScalarType, scope: Scope): Atom {
    const { b, tape } = this.#gen;
    const byIndex = matrix === null || tape.rarely(3);
    const over = byIndex ? range(start, end, i64(1)) : iter(matrix, start, end, i64(1));
    const inner = b.loop([over], b.builder(merger(ty, 'max')), (s, i, e) => {
      const given = [scalarVar(i, I64), scalarVar(e ?? bool(false), byIndex ? I64 : ty)];
      const known = { ...inside(scope, given, MOST_COLUMNS), elems: given };
      return b.merge(s, this.#value(ty, byIndex ? this.#split(e ?? i, width, known) : known));
    });
    return b.result(inner);
  }
}
