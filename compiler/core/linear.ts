/**
 * The linear law: every builder is consumed exactly once on every path.
 *
 * A builder (or a struct of builders) is consumed by `merge`, `result`, `for`, `struct`, by `field` (one field of a
 * struct, each at most once), as an argument, or as the result of a block. Both branches of an `if` are paths of
 * their own, so each must consume the same builders. A loop body runs many times: it may consume only what it binds
 * itself, its builder param included, and its result must descend from that param, leaf by leaf, through merge, for,
 * if, struct and field. So a builder can be a mutable buffer, and a loop can be cut into chunks with a partial state
 * each (the law of `combine`).
 *
 * One walk serves user programs (diagnostics with origins: W3001 used twice, W3002 dropped, W3003 not the loop's
 * builder) and the verifier (any diagnostic is a fault of the compiler). Precondition: the types are right.
 */

import { type Diagnostic, diagnostic, type Label, type Origin } from '../diag/diagnostic.ts';
import type { Atom, Block, Let, Op, OpOf, Sym } from './op.ts';
import { isSym } from './op.ts';
import type { Program, SymTab } from './program.ts';
import { atomsOf } from './shape.ts';
import { isBuilder, isLinear, type Type, typeText } from './types.ts';

/** The violations of the linear law, in program order; none for a correct program. */
export function checkLinear(p: Program): readonly Diagnostic[] {
  const walk = new Walk(p.syms);
  walk.program(p.body);
  return walk.found;
}

/** Where a linear value comes from: a number for each builder leaf, null for a field that is no builder. */
type Lineage = number | null | readonly Lineage[];

interface Linear {
  /** How many loop bodies surround the binding. */
  readonly depth: number;
  readonly lineage: Lineage;
  /** The parts to consume: the linear fields of a struct, or 0 for a builder itself. */
  readonly parts: readonly number[];
  /** The parts consumed so far, by the let that did it (null: the result of a block). */
  readonly consumed: Map<number, Sym | null>;
}

class Walk {
  readonly found: Diagnostic[] = [];
  readonly #syms: SymTab;
  readonly #linear = new Map<Sym, Linear>();
  /** Consumptions in order, to take those of one branch back before the other is walked. */
  readonly #journal: { readonly sym: Sym; readonly part: number }[] = [];
  #depth = 0;
  #leaves = 0;

  constructor(syms: SymTab) {
    this.#syms = syms;
  }

  program(body: Block): void {
    for (const s of body.params) this.#bind(s, this.#fresh(this.#syms.type(s)));
    this.#block(body);
  }

  /** Walks a block whose params are bound; gives the lineage of its result. */
  #block(b: Block): Lineage {
    for (const l of b.lets) this.#bind(l.sym, this.#let(l));
    const lineage = this.#lineageOf(b.result);
    if (isSym(b.result)) this.#consumeAll(b.result, null);
    for (const s of b.params) this.#mustBeConsumed(s);
    for (const l of b.lets) this.#mustBeConsumed(l.sym);
    return lineage;
  }

  /** Consumes what the operation consumes, walks its blocks, gives the lineage of its value. */
  #let(l: Let): Lineage {
    const op = l.op;
    if (op.kind === 'field') return this.#field(op, l.sym);
    // Lineage is read before consumption, which does not change it, and before inner blocks.
    const lineage = this.#valueLineage(op, l.sym);
    for (const a of atomsOf(op)) if (isSym(a)) this.#consumeAll(a, l.sym);
    if (op.kind === 'for') this.#loop(op, l.sym);
    if (op.kind === 'iterate') this.#iterate(op, l.sym);
    if (op.kind === 'sort') this.#many(op.by);
    return op.kind === 'if' ? this.#branches(op, l.sym) : lineage;
  }

  #valueLineage(op: Op, sym: Sym): Lineage {
    switch (op.kind) {
      case 'merge':
      case 'for':
        return this.#lineageOf(op.builder);
      case 'iterate':
        return this.#lineageOf(op.init);
      case 'struct':
        return op.fields.map((a) => this.#lineageOf(a));
      default:
        return this.#fresh(this.#syms.type(sym));
    }
  }

  #field(op: OpOf<'field'>, sym: Sym): Lineage {
    const whole = this.#lineageOf(op.of);
    if (isSym(op.of) && isLinear(this.#syms.type(sym))) this.#consume(op.of, [op.index], sym);
    return Array.isArray(whole) ? (whole[op.index] ?? null) : null;
  }

  /** A block that runs many times, with the lineage of its first param and of its result. */
  #many(body: Block): { readonly given: Lineage; readonly returned: Lineage } {
    const [first] = body.params;
    this.#depth++;
    for (const s of body.params) this.#bind(s, this.#fresh(this.#syms.type(s)));
    const given = first === undefined ? null : this.#lineageOf(first);
    const returned = this.#block(body);
    this.#depth--;
    return { given, returned };
  }

  /** The builders of the next value are those of the value before, merged into or as they were. */
  #iterate(op: OpOf<'iterate'>, sym: Sym): void {
    const { given, returned } = this.#many(op.body);
    const next = Array.isArray(returned) ? (returned[0] ?? null) : null;
    if (!isLinear(this.#syms.typeOf(op.init)) || sameLineage(given, next)) return;
    const message = 'the body of iterate hands on a builder that is not the one it received after some merges';
    this.#report('W3003', message, this.#syms.origin(sym), [], 'hand on what the body received, in the same places');
  }

  #loop(op: OpOf<'for'>, sym: Sym): void {
    const ty = this.#syms.typeOf(op.builder);
    const stray = strayLeaf(ty);
    if (stray !== null) {
      const message = `a loop carries builders and structs of builders only, found ${typeText(stray)} in ${typeText(ty)}`;
      this.#report('W3003', message, this.#syms.origin(sym), [], 'merge the value into a builder');
    }
    const { given, returned } = this.#many(op.body);
    if (!sameLineage(given, returned)) {
      const { result } = op.body;
      const name = isSym(result) ? this.#syms.hint(result) : 'a literal';
      const message = `the loop body returns '${name}', which is not its builder after some merges`;
      const help = 'return the builder that the body received, merged into or as it is';
      this.#report('W3003', message, this.#origin(isSym(result) ? result : null, sym), [], help);
    }
  }

  /** Both sides start from the same state and must end in the same. */
  #branches(op: OpOf<'if'>, sym: Sym): Lineage {
    const mark = this.#journal.length;
    const thenLineage = this.#block(op.then);
    const byThen = this.#takeBack(mark);
    const elseLineage = this.#block(op.else);
    const byElse = this.#takeBack(mark);
    for (const [key, c] of byThen) if (!byElse.has(key)) this.#oneSided(c.sym, 'then', sym);
    for (const [key, c] of byElse) if (!byThen.has(key)) this.#oneSided(c.sym, 'else', sym);
    for (const [key, c] of new Map([...byThen, ...byElse])) this.#mark(c.sym, c.part, byThen.get(key)?.by ?? sym);
    return this.#blend(thenLineage, elseLineage);
  }

  #oneSided(s: Sym, side: 'then' | 'else', at: Sym): void {
    const other = side === 'then' ? 'else' : 'then';
    const message = `builder '${this.#syms.hint(s)}' is consumed in the ${side} branch and dropped in the ${other} branch`;
    const help = `let the ${other} branch return it, too`;
    this.#report('W3002', message, this.#origin(at, s), this.#label(s, 'bound here'), help);
  }

  /** Undoes the consumptions since `mark` of what is still in scope, and gives them. */
  #takeBack(mark: number): Map<string, { readonly sym: Sym; readonly part: number; readonly by: Sym | null }> {
    const taken = new Map<string, { readonly sym: Sym; readonly part: number; readonly by: Sym | null }>();
    for (const { sym, part } of this.#journal.splice(mark)) {
      const info = this.#linear.get(sym);
      if (info === undefined) continue;
      taken.set(`${sym}.${part}`, { sym, part, by: info.consumed.get(part) ?? null });
      info.consumed.delete(part);
    }
    return taken;
  }

  #consumeAll(s: Sym, by: Sym | null): void {
    const info = this.#linear.get(s);
    if (info !== undefined) this.#consume(s, info.parts, by);
  }

  #consume(s: Sym, parts: readonly number[], by: Sym | null): void {
    const info = this.#linear.get(s);
    if (info === undefined) return;
    const name = `'${this.#syms.hint(s)}'`;
    if (info.depth < this.#depth) {
      const message = `the loop body uses builder ${name} from outside, once an iteration`;
      this.#report(
        'W3001',
        message,
        this.#origin(by, s),
        this.#label(s, 'bound here'),
        'give it to the loop as (part of) its builder',
      );
    }
    const before = parts.find((k) => info.consumed.has(k));
    if (before !== undefined && info.depth >= this.#depth) {
      const first = info.consumed.get(before) ?? null;
      const message = `builder ${name} is used a second time on one path`;
      this.#report(
        'W3001',
        message,
        this.#origin(by, s),
        this.#label(first, 'used up here'),
        'use the builder that merge, for or if gives back',
      );
    }
    for (const k of parts) this.#mark(s, k, by);
  }

  #mark(s: Sym, part: number, by: Sym | null): void {
    const info = this.#linear.get(s);
    if (info === undefined || info.consumed.has(part)) return;
    info.consumed.set(part, by);
    this.#journal.push({ sym: s, part });
  }

  /** At the end of its block a linear symbol is used up; it is forgotten, so that branches do not take it back. */
  #mustBeConsumed(s: Sym): void {
    const info = this.#linear.get(s);
    if (info === undefined) return;
    this.#linear.delete(s);
    const left = info.parts.filter((k) => !info.consumed.has(k));
    if (left.length === 0) return;
    const ty = this.#syms.type(s);
    const what = ty.kind === 'struct' && left.length < info.parts.length ? `.$${left.join(', .$')} of ` : '';
    const message = `builder ${what}'${this.#syms.hint(s)}' of type ${typeText(ty)} is dropped`;
    this.#report('W3002', message, this.#syms.origin(s), [], 'take its result, or return it');
  }

  #bind(s: Sym, lineage: Lineage): void {
    const ty = this.#syms.type(s);
    if (!isLinear(ty)) return;
    const parts = ty.kind === 'struct' ? [...ty.fields.keys()].filter((k) => isLinearField(ty, k)) : [0];
    this.#linear.set(s, { depth: this.#depth, lineage, parts, consumed: new Map() });
  }

  #lineageOf(a: Atom): Lineage {
    return isSym(a) ? (this.#linear.get(a)?.lineage ?? null) : null;
  }
  /** A lineage that nothing else has. */
  #fresh(t: Type): Lineage {
    if (isBuilder(t)) return this.#leaves++;
    return t.kind === 'struct' && isLinear(t) ? t.fields.map((f) => this.#fresh(f)) : null;
  }
  /** What two paths agree on; a leaf on which they differ becomes a builder of its own. */
  #blend(a: Lineage, b: Lineage): Lineage {
    if (Array.isArray(a) && Array.isArray(b)) return a.map((x: Lineage, k) => this.#blend(x, b[k] ?? null));
    return a === b ? a : this.#leaves++;
  }

  #origin(at: Sym | null, otherwise: Sym): Origin | null {
    return (at === null ? null : this.#syms.origin(at)) ?? this.#syms.origin(otherwise);
  }
  #label(at: Sym | null, text: string): readonly Label[] {
    const origin = at === null ? null : this.#syms.origin(at);
    return origin?.kind === 'text' ? [{ span: origin.span, text }] : [];
  }
  #report(
    code: 'W3001' | 'W3002' | 'W3003',
    message: string,
    origin: Origin | null,
    labels: readonly Label[],
    help: string,
  ): void {
    this.found.push(diagnostic(code, message, { origin, labels, help }));
  }
}

const isLinearField = (t: Extract<Type, { kind: 'struct' }>, k: number): boolean => {
  const f = t.fields[k];
  return f !== undefined && isLinear(f);
};

/** The first leaf of a struct of builders that is no builder, or null. */
function strayLeaf(t: Type): Type | null {
  if (isBuilder(t)) return null;
  if (t.kind !== 'struct' || t.fields.length === 0) return t;
  for (const f of t.fields) {
    const stray = strayLeaf(f);
    if (stray !== null) return stray;
  }
  return null;
}

function sameLineage(a: Lineage, b: Lineage): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((x: Lineage, k) => sameLineage(x, b[k] ?? null));
  }
  return a === b;
}
