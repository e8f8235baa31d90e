/**
 * A dictionary that is asked for a key, and then for the key's value, is asked once.
 *
 *     if(keyexists(d, k), f(lookup(d, k)), e)   ->   o = optlookup(d, k);  if(o.$0, f(o.$1), e)
 *
 * Joins are written so, and filters by a join once what they keep has been fused with them. The condition may be one of
 * several that hold together (`keyexists(d, k) && p`), and the look-up may stand anywhere in the branch. Where the
 * look-up was all that kept the branch from being computed for every row, it becomes a choice without a branch.
 */

import type { Atom, Block, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { blocksOf } from '../core/shape.ts';
import { refersToMemory } from '../core/types.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { makeLet, mapBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound('key-is-there', 'the look-up runs only where the question for its key in its dictionary was answered with yes'),
  profit('scalar-values', 'the values are made of scalars: a miss has to give one, too'),
];
type Context = Asking<typeof NEEDS>;

export const probeOnce: Pass = {
  name: 'probe-once',
  doc: 'ask a dictionary once for whether a key is there and for its value',
  needs: NEEDS,
  run(p, cx) {
    const found = new Search(p.syms, cx);
    found.block(p.body, { asked: [], answered: [] });
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

/** The questions before a place of the program, and those whose answer is yes where it runs. */
interface Known {
  readonly asked: readonly Sym[];
  readonly answered: readonly Sym[];
}

/** Finds the look-ups that a `keyexists` has the answer of. */
class Search {
  /** The look-ups by the symbol of the `keyexists` that is true where they run. */
  readonly answered = new Map<Sym, Sym[]>();
  readonly #syms: SymTab;
  readonly #cx: Context;
  readonly #questions = new Map<Sym, Question>();
  /** What holds if a condition does. */
  readonly #conjuncts = new Map<Sym, readonly Sym[]>();

  constructor(syms: SymTab, cx: Context) {
    this.#syms = syms;
    this.#cx = cx;
  }

  /** Looks through a block. */
  block(b: Block, { asked, answered }: Known): void {
    const before = [...asked];
    for (const { sym, op } of b.lets) {
      if (op.kind === 'keyexists') before.push(sym);
      if (op.kind === 'lookup') this.#lookup(sym, op, { asked: before, answered });
      if (op.kind === 'if') {
        this.block(op.then, { asked: before, answered: [...answered, ...this.#holding(op.cond)] });
        this.block(op.else, { asked: before, answered });
      } else {
        for (const inner of blocksOf(op)) this.block(inner, { asked: before, answered });
      }
      this.#note(sym, op);
    }
  }

  #lookup(sym: Sym, op: OpOf<'lookup'>, { asked, answered }: Known): void {
    const fits = (s: Sym): boolean => this.#asks(s, op);
    const question = answered.find(fits) ?? asked.find(fits);
    if (question === undefined || !this.#cx.holds('key-is-there', answered.includes(question))) return;
    const ty = this.#syms.typeOf(op.of);
    if (!this.#cx.holds('scalar-values', ty.kind === 'dict' && !refersToMemory(ty.value))) return;
    this.answered.set(question, [...(this.answered.get(question) ?? []), sym]);
  }

  #note(sym: Sym, op: Op): void {
    if (op.kind === 'keyexists') {
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
