/**
 * What vectors hold, looked at as a whole: keys of dictionaries are hashed and compared, and `== < ..` are computed, by
 * loops over the elements.
 *
 * Two relations. Keys are the same when they are the same value: any NaN is any NaN, whatever its bits (a machine makes
 * several), and -0 differs from +0. `==` is that of the scalars: NaN equals nothing. An order is decided by the first
 * elements that are not `==`, and by the lengths if there are none.
 *
 * `slots.ts` in `core` hashes the same words on the host.
 */

import { I32, isFloatKind, leaves, type ScalarKind, scalarBytes, type Type } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, lit, sel, un } from '../sir/build.ts';
import type { SCmp, SExpr } from '../sir/kernel.ts';
import { elementAt, lengthOf } from './access.ts';
import type { Code, LoopContext } from './context.ts';
import type { KVal, VecVal } from './values.ts';

// ---- keys --------------------------------------------------------------------------------------------------------

/** A list of leaves, read from the front. */
class Leaves {
  readonly #exprs: readonly SExpr[];
  #at = 0;

  constructor(exprs: readonly SExpr[]) {
    this.#exprs = exprs;
  }
  next(): SExpr {
    const e = this.#exprs[this.#at++];
    if (e === undefined) throw new InternalError('lower: a key without a leaf');
    return e;
  }
}

/** The elements of a vector in memory, leaf by leaf. */
function rowAt(code: Code, elem: Type, places: readonly SExpr[], at: SExpr): readonly SExpr[] {
  const { kb } = code;
  return (leaves(elem) ?? []).map((kind, leaf) => {
    const place = places[leaf];
    if (place === undefined) throw new InternalError('lower: a vector without a column');
    return kb.load(code.memory(kind), kb.let(bin('+', place, at)));
  });
}

/** Are two keys of type `t`, given by their leaves, the same value? */
export function sameKey(code: Code, t: Type, a: readonly SExpr[], b: readonly SExpr[]): SExpr {
  const { kb } = code;
  const [x, y] = [new Leaves(a), new Leaves(b)];
  const same = sameLeaves(code, t, x, y);
  return same === null ? lit('bool', true) : kb.let(same);
}

const both = (a: SExpr | null, b: SExpr | null): SExpr | null => (a === null ? b : b === null ? a : bin('&', a, b));

/** Null stands for true. */
function sameLeaves(code: Code, t: Type, a: Leaves, b: Leaves): SExpr | null {
  switch (t.kind) {
    case 'scalar':
      return cmp('==', keyBits(a.next()), keyBits(b.next()));
    case 'struct':
      return t.fields.reduce<SExpr | null>((same, f) => both(same, sameLeaves(code, f, a, b)), null);
    case 'vec':
      return sameElements(code, t.elem, a, b);
    default:
      throw new InternalError('lower: a key that cannot be compared');
  }
}

function sameElements(code: Code, elem: Type, a: Leaves, b: Leaves): SExpr {
  const { kb } = code;
  const [n, m] = [a.next(), b.next()];
  const columns = leaves(elem) ?? [];
  const [p, q] = [columns.map(() => a.next()), columns.map(() => b.next())];
  const same = kb.var(cmp('==', n, m));
  const k = kb.var(lit('i32', 0));
  kb.while(bin('&', same, cmp('<', k, n)), () => {
    kb.set(same, sameKey(code, elem, rowAt(code, elem, p, k), rowAt(code, elem, q, k)));
    kb.set(k, bin('+', k, lit('i32', 1)));
  });
  return same;
}

/** A float by its bits, all NaNs by those of one; anything else as it is. */
function keyBits(e: SExpr): SExpr {
  if (!isFloatKind(e.ty.kind)) return e;
  const nan = e.ty.kind === 'f64' ? lit('i64', 0x7ff8000000000000n) : lit('i32', 0x7fc00000);
  return sel(cmp('==', e, e), bitcast(e, nan.ty.kind), nan);
}

/** A multiplicative hash of a key of type `t`, i32: each word is folded in and the high bits mixed down. */
export function hashKey(code: Code, t: Type, key: readonly SExpr[]): SExpr {
  return cast(fold(addWords(code, t, new Leaves(key), lit('u64', 0n))), 'i32');
}

const fold = (h: SExpr): SExpr => bin('^', h, bin('>>', h, lit('u64', 32)));

function addWords(code: Code, t: Type, key: Leaves, h: SExpr): SExpr {
  switch (t.kind) {
    case 'scalar':
      return code.kb.let(bin('*', bin('^', fold(h), wordOf(key.next())), lit('u64', 0x9e3779b97f4a7c15n)));
    case 'struct':
      return t.fields.reduce((sum, f) => addWords(code, f, key, sum), h);
    case 'vec': {
      const { kb } = code;
      const length = key.next();
      const places = (leaves(t.elem) ?? []).map(() => key.next());
      const sum = kb.var(addWords(code, I32, new Leaves([length]), h));
      const k = kb.var(lit('i32', 0));
      kb.while(cmp('<', k, length), () => {
        kb.set(sum, addWords(code, t.elem, new Leaves(rowAt(code, t.elem, places, k)), sum));
        kb.set(k, bin('+', k, lit('i32', 1)));
      });
      return sum;
    }
    default:
      throw new InternalError('lower: a key that cannot be hashed');
  }
}

/** The bits of a scalar as u64: signed integers extended, all NaNs those of one. */
export function wordOf(e: SExpr): SExpr {
  const bits = keyBits(e);
  const kind: ScalarKind = bits.ty.kind;
  if (kind === 'bool') return sel(bits, lit('u64', 1), lit('u64', 0));
  return scalarBytes(kind) === 8 ? bitcast(bits, 'u64') : cast(bits, 'u64');
}

// ---- comparison --------------------------------------------------------------------------------------------------

/** `a op b` on vectors. */
export function compareVecs(
  op: SCmp,
  a: VecVal,
  b: VecVal,
  cx: LoopContext,
  compare: (op: SCmp, a: KVal, b: KVal) => SExpr,
): SExpr {
  const { kb } = cx;
  const [n, m] = [lengthOf(a, cx), lengthOf(b, cx)];
  const k = kb.var(lit('i32', 0));
  const step = (): void => kb.set(k, bin('+', k, lit('i32', 1)));
  if (op === '==' || op === '!=') {
    const same = kb.var(cmp('==', n, m));
    kb.while(bin('&', same, cmp('<', k, n)), () => {
      kb.set(same, compare('==', elementAt(a, k, cx), elementAt(b, k, cx)));
      step();
    });
    return op === '==' ? same : un('not', same);
  }
  const answer = kb.var(cmp(op, n, m));
  const open = kb.var(lit('bool', true));
  const least = kb.let(bin('min', n, m));
  kb.while(bin('&', open, cmp('<', k, least)), () => {
    const [x, y] = [elementAt(a, k, cx), elementAt(b, k, cx)];
    kb.if(un('not', compare('==', x, y)), () => {
      kb.set(answer, compare(op, x, y));
      kb.set(open, lit('bool', false));
    });
    step();
  });
  return answer;
}
