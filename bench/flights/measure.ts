/**
 * The flights pipeline measured: a hand-fused JavaScript loop, our runtime with fusion off, fused on one thread, fused
 * on all threads. Every variant must give the same answer before anything is timed.
 */

import type { Frame } from '../../frontends/frame/index.ts';
import { type AirportDelay, worstAirports } from '../../programs/flights/index.ts';
import type { Session, Table } from '../../runtime/index.ts';
import { byTurns } from '../turns.ts';
import { handFused, plainFlights } from './baseline.ts';

export interface MeasureOptions {
  readonly session: Session;
  readonly flights: Frame;
  readonly airports: Frame;
  /** The same data as plain tables, for the JavaScript loop. */
  readonly flightsTable: Table;
  readonly airportsTable: Table;
  readonly runs: number;
  readonly onProgress: (text: string) => void;
}

export type VariantName = 'js' | 'unfused' | 'fused_1' | 'fused_n';

export interface Measurement {
  readonly rows: number;
  readonly loopsBefore: number;
  readonly loopsAfter: number;
  /** Milliseconds from the lazy pipeline to running code, fused, the first time. */
  readonly compileMs: number;
  readonly medianMs: Readonly<Record<VariantName, number>>;
  readonly threads: number;
  readonly runs: number;
  readonly answer: readonly AirportDelay[];
}

const FUSION = ['fuse-vertical', 'fuse-horizontal', 'fuse-copy'];

export async function measure(o: MeasureOptions): Promise<Measurement> {
  const { session } = o;
  const worst = worstAirports(o.flights, o.airports);
  const story = await worst.explain();
  const plain = plainFlights(o.flightsTable, o.airportsTable);

  const collect = (threads: number, disable: readonly string[] = []): Promise<readonly AirportDelay[]> =>
    worst
      .collect({ threads, disable, target: 'wasm' })
      .then((t) => t.toRecords() as unknown as readonly AirportDelay[]);
  const variants = [
    { name: 'js' as const, run: async () => handFused(plain) },
    { name: 'unfused' as const, run: () => collect(1, FUSION) },
    { name: 'fused_1' as const, run: () => collect(1) },
    { name: 'fused_n' as const, run: () => collect(session.threads) },
  ];

  o.onProgress('compiling');
  await session.warmUp();
  const answer = await collect(session.threads);
  const compileMs = session.lastRun?.compileMs ?? 0;
  for (const v of variants) {
    o.onProgress(`checking the answer of ${v.name}`);
    requireSame(v.name, await v.run(), answer);
  }
  const medianMs = await byTurns(variants, {
    rounds: o.runs,
    warmup: 2,
    onRound: (round, of) => o.onProgress(`round ${round} of ${of}`),
  });
  return {
    rows: plain.rows,
    loopsBefore: story.loopsBefore,
    loopsAfter: story.loopsAfter,
    compileMs,
    medianMs,
    threads: session.threads,
    runs: o.runs,
    answer,
  };
}

/** Sums of floats may be added in another order: equal to 12 digits. Everything else is equal. */
function requireSame(name: string, got: readonly AirportDelay[], want: readonly AirportDelay[]): void {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
  const same =
    got.length === want.length &&
    got.every((g, k) => {
      const w = want[k];
      return (
        w !== undefined &&
        g.origin === w.origin &&
        Number(g.flights) === Number(w.flights) &&
        near(g.mean_delay, w.mean_delay) &&
        near(g.late_share, w.late_share) &&
        near(g.mean_score, w.mean_score)
      );
    });
  if (!same) {
    throw new Error(`${name} gives another answer:\n${JSON.stringify(got)}\nexpected\n${JSON.stringify(want)}`);
  }
}
