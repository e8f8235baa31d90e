/**
 * The health of the generator: what generated programs contain and what of it runs. A property that holds of
 * programs without loops says nothing about fusion, so tests ask here whether the corpus reached what it must.
 *
 * A feature is a line such as `for`, `bin +`, `un exp`, `type u16`, `builder vecmerger`, `zip`, `nested for`.
 */

import type { Let, OpKind, Sym } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { isScalar } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';

interface Count {
  /** Lets with the feature. */
  made: number;
  /** How often such lets ran. */
  ran: number;
}

export class Health {
  readonly #counts = new Map<string, Count>();
  #programs = 0;

  /** Counts the features of a program; gives the hook to pass to the interpreter as `onLet`. */
  add(p: Program): (s: Sym) => void {
    this.#programs++;
    const bySym = new Map<Sym, readonly Count[]>();
    let loops = 0;
    forEachLet(p.body, (l, depth) => {
      const counts = featuresOf(l, p, depth).map((f) => this.#count(f));
      for (const c of counts) c.made++;
      bySym.set(l.sym, counts);
      if (l.op.kind === 'for') loops++;
    });
    if (loops > 1) this.#count('several loops').made++;
    return (s) => {
      for (const c of bySym.get(s) ?? []) c.ran++;
    };
  }

  /** How many lets with a feature were generated, and how often they ran. */
  of(feature: string): Readonly<Count> {
    return this.#counts.get(feature) ?? { made: 0, ran: 0 };
  }
  /** Which of the features no program ran. */
  missing(features: readonly string[]): readonly string[] {
    return features.filter((f) => this.of(f).ran === 0);
  }
  /** A table of all features, the rarest first. */
  report(): string {
    const rows = [...this.#counts].sort(([, a], [, b]) => a.ran - b.ran);
    const lines = rows.map(
      ([f, c]) => `${f.padEnd(22)} ${String(c.made).padStart(7)} made ${String(c.ran).padStart(9)} ran`,
    );
    return [`${this.#programs} programs`, ...lines].join('\n');
  }

  #count(feature: string): Count {
    const known = this.#counts.get(feature);
    if (known !== undefined) return known;
    const made = { made: 0, ran: 0 };
    this.#counts.set(feature, made);
    return made;
  }
}

/** Every kind of operation: a generator that is healthy makes and runs each. */
export const OP_KINDS: readonly OpKind[] = Object.keys({
  bin: 0,
  un: 0,
  cast: 0,
  select: 0,
  if: 0,
  struct: 0,
  field: 0,
  vec: 0,
  len: 0,
  lookup: 0,
  keyexists: 0,
  slice: 0,
  tovec: 0,
  builder: 0,
  merge: 0,
  result: 0,
  for: 0,
  cudf: 0,
} satisfies Record<OpKind, 0>).filter((k): k is OpKind => k.length > 0);

function featuresOf(l: Let, p: Program, depth: number): readonly string[] {
  const { op } = l;
  const ty = p.syms.type(l.sym);
  const features: string[] = [op.kind];
  if (isScalar(ty)) features.push(`type ${ty.scalar}`);
  switch (op.kind) {
    case 'bin': {
      const of = p.syms.typeOf(op.a);
      features.push(`bin ${op.op}`);
      if (!isScalar(of)) features.push(`compare ${of.kind}`);
      break;
    }
    case 'un':
      features.push(`un ${op.op}`);
      break;
    case 'builder':
      features.push(`builder ${op.ty.kind}`);
      if (op.arg !== null) features.push(`builder ${op.ty.kind} with arg`);
      break;
    case 'lookup':
      features.push(`lookup ${p.syms.typeOf(op.of).kind}`);
      break;
    case 'for':
      features.push(...op.iters.map((it) => `iter ${it.kind}`));
      if (op.iters.length > 1) features.push('zip');
      if (depth > 0) features.push('nested for');
      if (ty.kind === 'struct') features.push('for struct of builders');
      break;
    case 'if':
      if (depth > 0) features.push('if in a loop');
      if (ty.kind === 'appender' || ty.kind === 'merger') features.push('if around merges');
      break;
    default:
  }
  return features;
}
