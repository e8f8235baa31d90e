/**
 * A dictionary that is asked for a key, and then for the key's value, is asked once.
 *
 *     if(keyexists(d, k), f(lookup(d, k)), e)   ->   o = optlookup(d, k);  if(o.$0, f(o.$1), e)
 *
 * Joins are written so, and filters by a join once what they keep has been fused with them. The condition may be one of
 * several that hold together (`keyexists(d, k) && p`), and the look-up may stand anywhere in the branch. Where the
 * look-up was all that kept the branch from being computed for every row, it becomes a choice without a branch.
 *
 * Preconditions, each with a test in which it does not hold:
 * - the look-up is of the same dictionary and the same key, in a branch that runs only if the key exists;
 * - the values of the dictionary are made of scalars: a miss has to give one, too.
 */

import type { Atom, Block, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { blocksOf } from '../core/shape.ts';
import { leaves } from '../core/types.ts';
import type { Pass } from './pass.ts';
import { makeLet, mapBlocks, rebuilt } from './rewrite.ts';

export const probeOnce: Pass = {
  name: 'probe-once',
  doc: 'ask a dictionary once for whether a key is there and for its value',
  run(p, cx) {
    const found = new Search(p.syms);
    found.block(p.body, []);
    const chosen = new Map<Sym, readonly Sym[]>();
    for (const [question, lookups] of found.answered) {
      if (!cx.enabled('one-probe')) break;
      cx.fired('one-probe');
      chosen.set(question, lookups);
    }
    return chosen.size === 0 ? p : { syms: p.syms, body: rewritten(p.body, chosen, p.syms) };
  },
};

type Question = OpOf<'keyexists'>;

/** Finds the look-ups that a `keyexists` has the answer of. */
class Search {
  /** The look-ups by the symbol of the `keyexists` that is true where they run. */
  readonly answered = new Map<Sym, Sym[]>();
  readonly #syms: SymTab;
  readonly #questions = new Map<Sym, Question>();
  /** What holds if a condition does. */
  readonly #conjuncts = new Map<Sym, readonly Sym[]>();

  constructor(syms: SymTab) {
    this.#syms = syms;
  }

  /** Looks through a block that runs only where the `keyexists` of `known` are true. */
  block(b: Block, known: readonly Sym[]): void {
    for (const { sym, op } of b.lets) {
      if (op.kind === 'lookup') {
        const question = known.find((s) => this.#asks(s, op));
        if (question !== undefined) this.answered.set(question, [...(this.answered.get(question) ?? []), sym]);
      }
      if (op.kind === 'if') {
        this.block(op.then, [...known, ...this.#holding(op.cond)]);
        this.block(op.else, known);
      } else {
        for (const inner of blocksOf(op)) this.block(inner, known);
      }
      this.#note(sym, op);
    }
  }

  #note(sym: Sym, op: Op): void {
    if (op.kind === 'keyexists') {
      const ty = this.#syms.typeOf(op.of);
      if (ty.kind !== 'dict' || leaves(ty.value) === null) return;
      this.#questions.set(sym, op);
      this.#conjuncts.set(sym, [sym]);
      return;
    }
    const holding = both(op).flatMap((a) => this.#holding(a));
    if (holding.length > 0) this.#conjuncts.set(sym, holding);
  }
  #holding(a: Atom): readonly Sym[] {
    return isSym(a) ? (this.#conjuncts.get(a) ?? []) : [];
  }
  #asks(question: Sym, op: OpOf<'lookup'>): boolean {
    const q = this.#questions.get(question);
    return q !== undefined && q.of === op.of && sameAtom(q.key, op.index);
  }
}

/** The two conditions that hold if the value is true, where it says so in one of the ways to write it. */
function both(op: Op): readonly Atom[] {
  switch (op.kind) {
    case 'bin':
      return op.op === '&&' || op.op === '&' ? [op.a, op.b] : [];
    case 'if':
      return isFalse(op.else.result) ? [op.cond, op.then.result] : [];
    case 'select':
      return isFalse(op.b) ? [op.cond, op.a] : [];
    default:
      return [];
  }
}
const isFalse = (a: Atom): boolean => isLit(a) && a.lit === false;

const sameAtom = (a: Atom, b: Atom): boolean =>
  isSym(a) || isSym(b) ? a === b : a.ty === b.ty && Object.is(a.lit, b.lit);

/** The block with each of the questions asked by `optlookup`, and the look-ups as fields of it. */
function rewritten(b: Block, chosen: ReadonlyMap<Sym, readonly Sym[]>, syms: SymTab): Block {
  const answers = new Map<Sym, Sym>();
  const visit = (inner: Block): Block => {
    const lets = inner.lets.flatMap((l): readonly Let[] => {
      const lookups = chosen.get(l.sym);
      if (lookups !== undefined && l.op.kind === 'keyexists') {
        const both = makeLet({ kind: 'optlookup', of: l.op.of, key: l.op.key }, syms, null, 'o');
        for (const s of lookups) answers.set(s, both.sym);
        return [both, { sym: l.sym, op: { kind: 'field', of: both.sym, index: 0 } }];
      }
      const of = answers.get(l.sym);
      if (of !== undefined) return [{ sym: l.sym, op: { kind: 'field', of, index: 1 } }];
      const op = mapBlocks(l.op, visit);
      return [op === l.op ? l : { sym: l.sym, op }];
    });
    return rebuilt(inner, lets, inner.result);
  };
  return visit(b);
}
