/**
 * A program over columns that come in batches, as four programs by the builder law. The program is optimised first; then
 * its lets fall in three stages:
 *
 *     |x: vec[f64], k: f64|                         x is streamed
 *       let scaled = k * 2.0;                       before   needs no batch: computed once, by `init`
 *       let b = for(x, merger[f64,+], ..scaled..);  batch    a loop over streamed columns: run once a batch, by `run`,
 *                                                            which goes on with the builders of the batch before
 *       sqrt(result(b))                             after    needs what the loops gave: once at the end, by `result`
 *
 * So a loop over batches is the loop over their concatenation: the state of a stream is what the builders hold, and how
 * many rows there were (the numbers of the iterations go on, and so does `len(x)`). `empty` and `combine` make states that
 * began apart and are put together: `empty` is the identity, the initial values of builders come in at the end.
 *
 * Everything else that touches a streamed column is refused by name (W5002): what needs all rows at once has no batches.
 */

import { callsImpure } from './analysis/acts.ts';
import type { StageName, StageShape } from './artifact/stages.ts';
import type { Block, Let, OpOf, Sym } from './core/op.ts';
import { isSym } from './core/op.ts';
import type { Program, SymTab } from './core/program.ts';
import { I64, isLinear, struct, type Type } from './core/types.ts';
import { freeSyms, freeSymsOfOp, substitute } from './core/walk.ts';
import { fail } from './diag/diagnostic.ts';
import type { PassOptions } from './options.ts';
import { optimize } from './pipeline.ts';
import { combinedBuilder, emptyBuilder } from './split-law.ts';

/** The programs of a split, and how they fit together; every one gives a struct, but `result`. */
export interface Split extends StageShape {
  readonly programs: Readonly<Record<StageName, Program>>;
}

type Stage = 'before' | 'batch' | 'after';
const ORDER: Readonly<Record<Stage, number>> = { before: 0, batch: 1, after: 2 };
type Loop = Let & { readonly op: OpOf<'for'> };

/** Splits a program whose parameters with the numbers `streamed` come in batches. W5002 for one that cannot be. */
export function split(p: Program, streamed: readonly number[], options: Partial<PassOptions> = {}): Split {
  const { program } = optimize(p, options);
  return new Splitter(program, streamed).split();
}

class Splitter {
  readonly #syms: SymTab;
  readonly #body: Block;
  readonly #columns: ReadonlySet<Sym>;
  readonly #stages = new Map<Sym, Stage>();
  readonly #before: Let[] = [];
  readonly #loops: Loop[] = [];
  readonly #after: Let[] = [];
  /** Lengths of streamed columns: the number of rows. */
  readonly #lengths: Sym[] = [];

  constructor({ syms, body }: Program, streamed: readonly number[]) {
    this.#syms = syms;
    this.#body = body;
    this.#columns = new Set(streamed.flatMap((k) => body.params[k] ?? []));
    for (const s of body.params) this.#stages.set(s, 'before');
  }

  split(): Split {
    let reached: Stage = 'before';
    for (const l of this.#body.lets) {
      const stage = this.#place(l);
      this.#stages.set(l.sym, stage);
      if (!callsImpure(l.op)) continue;
      if (ORDER[stage] < ORDER[reached]) this.#refuse(l, 'an extern that is not pure would be called in another order');
      reached = stage;
    }
    const { result } = this.#body;
    if (isSym(result) && this.#columns.has(result)) {
      fail('W5002', `the program does not split into batches: its value is ${this.#name(result)}`);
    }
    return this.#programs();
  }

  /** The stage of a let, which is filed there. */
  #place(l: Let): Stage {
    const used = [...freeSymsOfOp(l.op)];
    const column = used.find((s) => this.#columns.has(s));
    const isLate = used.some((s) => !this.#columns.has(s) && this.#stages.get(s) !== 'before');
    if (column === undefined) {
      (isLate ? this.#after : this.#before).push(l);
      return isLate ? 'after' : 'before';
    }
    const { op } = l;
    if (op.kind === 'len') {
      this.#lengths.push(l.sym);
      return 'after';
    }
    if (op.kind !== 'for') return this.#refuseWhole(l, column);
    this.#checkLoop({ sym: l.sym, op }, column, isLate);
    this.#loops.push({ sym: l.sym, op });
    return 'batch';
  }

  #checkLoop(l: Loop, column: Sym, isLate: boolean): void {
    const name = this.#name(column);
    const inside = [...freeSyms(l.op.body)].find((s) => this.#columns.has(s));
    if (inside !== undefined) this.#refuse(l, `a loop reads all of ${this.#name(inside)} in each of its rows`);
    if (isLate) {
      this.#refuse(
        l,
        `a loop over ${name} needs what is known only behind its last batch`,
        'stream twice: what the first stream gives is an argument of the second',
      );
    }
    for (const it of l.op.iters) {
      if (it.kind === 'scan' && isSym(it.vec) && this.#columns.has(it.vec)) continue;
      const what = it.kind === 'scan' ? 'zips it with a vector that is not streamed' : `walks it by ${it.kind}`;
      this.#refuse(l, `a loop over ${name} ${what}`, 'stream every vector that the loop walks, each as a whole');
    }
  }

  #refuseWhole(l: Let, column: Sym): never {
    const name = this.#name(column);
    if (l.op.kind === 'if' || l.op.kind === 'iterate') {
      return this.#refuse(l, `${name} is used inside of ${l.op.kind}`, 'move the loop over it out');
    }
    const help =
      'merge the rows that it needs into an appender, or into a smaller aggregate, and go on with the result';
    return this.#refuse(l, `${l.op.kind} needs all of ${name} at once`, help);
  }
  #refuse(l: Let, what: string, help?: string): never {
    const origin = this.#syms.origin(l.sym);
    fail('W5002', `the program does not split into batches: ${what}`, {
      origin,
      ...(help === undefined ? {} : { help }),
    });
  }
  #name(s: Sym): string {
    return `the streamed column '${this.#syms.hint(s)}'`;
  }

  #programs(): Split {
    const syms = this.#syms;
    const { params, result } = this.#body;
    const given = params.filter((s) => !this.#columns.has(s));
    const fixed = given.filter((s) => !this.#isLinear(s));
    const states = this.#loops.map((l) => l.sym);
    const begun = this.#loops.flatMap(({ op }) => (isSym(op.builder) ? [op.builder] : []));
    const isKnown = new Set<Sym>([...fixed, ...begun]);
    const later = new Set<Sym>();
    for (const l of [...this.#loops, ...this.#after]) for (const s of freeSymsOfOp(l.op)) later.add(s);
    if (isSym(result)) later.add(result);
    const carried = [...later].filter(
      (s) => this.#stages.get(s) === 'before' && !this.#columns.has(s) && !isKnown.has(s),
    );
    const kept = carried.filter((s) => !this.#isLinear(s));
    const late = carried.filter((s) => this.#isLinear(s));
    const rows = syms.fresh(I64, 'rows');
    const loops = this.#loops.map((l) => this.#goingOn(l, rows));
    const programs: Split['programs'] = {
      /** All arguments that are not streamed -> kept values, begun builders, builders that only `result` needs. */
      init: this.#tuple(given, this.#before, [...kept, ...begun, ...late]),
      /** fixed, kept, states, rows so far, one batch of columns -> states. */
      run: this.#tuple([...fixed, ...kept, ...begun, rows, ...this.#columns], loops, states),
      /** fixed, kept, states, late, all rows -> the value. */
      result: {
        syms,
        body: substitute(
          { params: [...fixed, ...kept, ...states, ...late, rows], lets: this.#after, result },
          new Map(this.#lengths.map((s) => [s, rows])),
        ),
      },
      /** states -> states of the same types into which nothing was merged. */
      empty: emptyBuilder(this.#types(states)),
      /** states, states of the rows behind them -> states. */
      combine: combinedBuilder(this.#types(states)),
    };
    return {
      programs,
      fixed: fixed.map((s) => params.indexOf(s)),
      streamed: params.flatMap((s, k) => (this.#columns.has(s) ? [k] : [])),
      kept: kept.length,
      states: states.length,
      late: late.length,
      readsIndex: this.#loops.some(readsIndex),
    };
  }

  /** A loop whose iterations are numbered from the rows so far on. */
  #goingOn(l: Loop, rows: Sym): Let {
    const [b, index, ...elems] = l.op.body.params;
    if (!readsIndex(l) || b === undefined || index === undefined) return l;
    const own = this.#syms.fresh(I64, 'i');
    const shifted: Let = { sym: index, op: { kind: 'bin', op: '+', a: own, b: rows } };
    const body = { ...l.op.body, params: [b, own, ...elems], lets: [shifted, ...l.op.body.lets] };
    return { sym: l.sym, op: { ...l.op, body } };
  }

  /** A program whose value is a struct. */
  #tuple(params: readonly Sym[], lets: readonly Let[], fields: readonly Sym[]): Program {
    const all = this.#syms.fresh(struct(this.#types(fields)), 's');
    const last: Let = { sym: all, op: { kind: 'struct', fields } };
    return { syms: this.#syms, body: { params, lets: [...lets, last], result: all } };
  }
  #types(syms: readonly Sym[]): readonly Type[] {
    return syms.map((s) => this.#syms.type(s));
  }
  #isLinear(s: Sym): boolean {
    return isLinear(this.#syms.type(s));
  }
}

function readsIndex({ op }: Loop): boolean {
  const [, index] = op.body.params;
  const seen = new Set<Sym>();
  for (const l of op.body.lets) for (const s of freeSymsOfOp(l.op)) seen.add(s);
  return index !== undefined && seen.has(index);
}
