/**
 * The health of the generator: what generated programs contain, what of it runs, and what of that matters. A property
 * that holds of programs without loops says nothing about fusion, and one that holds of loops whose values nobody reads
 * says little more; so tests ask here whether the corpus reached what it must.
 *
 * Three numbers for each feature (see `features.ts`): lets that have it, how often such lets ran, and in how many of
 * the lets that were tried another value changed what the program ends with (see `influence.ts`).
 */

import type { Sym } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { freshPrims } from './arb-prims.ts';
import type { TestCase } from './arb-program.ts';
import { featuresOf } from './features.ts';
import { matters, type Observed, observe } from './influence.ts';

interface Count {
  /** Lets with the feature. */
  made: number;
  /** How often such lets ran. */
  ran: number;
  /** Lets that ran and were given another value, and those of them whose value mattered. */
  tried: number;
  changed: number;
}

/** The lets of a program that are tried, at most. */
const MOST_TRIES = 10;

export class Health {
  readonly #counts = new Map<string, Count>();
  readonly #outcomes = new Map<string, Map<string, number>>();
  #programs = 0;

  /** Counts the features of a program; gives the hook to pass to the interpreter as `onLet`. */
  add(p: Program): (s: Sym) => void {
    this.#programs++;
    const bySym = this.#countsOf(p);
    let loops = 0;
    for (const [, counts] of bySym) {
      for (const { feature, count } of counts) {
        count.made++;
        if (feature === 'for') loops++;
      }
    }
    if (loops > 1) this.#count('several loops').made++;
    return (s) => {
      for (const { count } of bySym.get(s) ?? []) count.ran++;
    };
  }

  /** Runs a case and counts it; a sample of them is also tried with other values. */
  run(c: TestCase, fuel: number, sample: boolean): Observed {
    const ran = new Set<Sym>();
    let steps = 0;
    const onLet = this.add(c.program);
    const hooks = {
      fuel,
      onLet: (s: Sym) => {
        ran.add(s);
        steps++;
        onLet(s);
      },
    };
    const end = observe(c, freshPrims(), hooks);
    if (sample && !('error' in end.end)) this.#try(c, end, ran, 10_000 + 4 * steps);
    return end;
  }

  /**
   * Gives other values to lets that ran, first to those with the features that were tried least. A changed count of
   * rounds may never end: a few times the fuel of the first run is enough.
   */
  #try(c: TestCase, want: Observed, ran: ReadonlySet<Sym>, fuel: number): void {
    const bySym = this.#countsOf(c.program);
    const rarity = (s: Sym): number =>
      Math.min(...(bySym.get(s) ?? []).map(({ count }) => count.tried + 4 * count.changed));
    for (const s of [...ran].sort((x, y) => rarity(x) - rarity(y)).slice(0, MOST_TRIES)) {
      const changed = matters(c, want, s, freshPrims, fuel);
      for (const { count } of bySym.get(s) ?? []) {
        count.tried++;
        if (changed) count.changed++;
      }
    }
  }

  /** Counts how a program ended in some other way of running it, such as `wasm`: `ran`, `unsupported`, an error. */
  note(way: string, outcome: string): void {
    const counts = this.#outcomes.get(way) ?? new Map<string, number>();
    this.#outcomes.set(way, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }
  /** How many programs ended so in a way of running them. */
  noted(way: string, outcome: string): number {
    return this.#outcomes.get(way)?.get(outcome) ?? 0;
  }

  /** How many lets with a feature were generated, how often they ran, were tried, and mattered. */
  of(feature: string): Readonly<Count> {
    return this.#counts.get(feature) ?? { made: 0, ran: 0, tried: 0, changed: 0 };
  }
  /** Which of the features no program ran. */
  missing(features: readonly string[]): readonly string[] {
    return features.filter((f) => this.of(f).ran === 0);
  }
  /** Which of the features never mattered. */
  idle(features: readonly string[]): readonly string[] {
    return features.filter((f) => this.of(f).changed === 0);
  }
  /** A table of all features, the rarest first, under what was noted of other ways to run. */
  report(): string {
    const rows = [...this.#counts].sort(([, a], [, b]) => a.changed - b.changed || a.ran - b.ran);
    const lines = rows.map(([f, c]) => {
      const [made, ran, tried, changed] = [c.made, c.ran, c.tried, c.changed].map((n, k) =>
        String(n).padStart(7 + (k === 1 ? 3 : 0)),
      );
      return `${f.padEnd(28)} ${made} made ${ran} ran ${changed} changed of ${tried}`;
    });
    const ways = [...this.#outcomes].map(
      ([way, counts]) => `${way}: ${[...counts].map(([what, n]) => `${n} ${what}`).join(', ')}`,
    );
    return [`${this.#programs} programs`, ...ways, ...lines].join('\n');
  }

  #countsOf(p: Program): ReadonlyMap<Sym, readonly { readonly feature: string; readonly count: Count }[]> {
    const features = featuresOf(p);
    return new Map(
      [...features].map(([s, fs]) => [s, fs.map((feature) => ({ feature, count: this.#count(feature) }))]),
    );
  }
  #count(feature: string): Count {
    const known = this.#counts.get(feature);
    if (known !== undefined) return known;
    const made = { made: 0, ran: 0, tried: 0, changed: 0 };
    this.#counts.set(feature, made);
    return made;
  }
}
