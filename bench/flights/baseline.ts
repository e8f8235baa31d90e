/**
 * The same answer by a plain JavaScript loop over typed arrays, fused by hand: what a careful programmer would write
 * without any library. One pass, no intermediate arrays, tables per airport code.
 *
 * Its inputs are the forms that suit JavaScript best (Float64Array for 64-bit integers: BigInt would be far slower);
 * making them is not timed.
 */

import type { AirportDelay } from '../../programs/flights/index.ts';
import { EARTH_MILES, MIN_FLIGHTS, MODEL, TOLERANCE, WORST } from '../../programs/flights/index.ts';
import type { DataColumn, Table } from '../../runtime/index.ts';

/** Columns as the loop wants them. */
export interface PlainFlights {
  readonly rows: number;
  /** Microseconds since 1970. */
  readonly date: Float64Array;
  readonly delay: Float64Array;
  readonly distance: Float64Array;
  readonly origin: Int32Array;
  readonly destination: Int32Array;
  readonly origins: readonly string[];
  /** Row of `airports` by origin / destination code, -1 if unknown. */
  readonly originRow: Int32Array;
  readonly destinationRow: Int32Array;
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
}

export function plainFlights(flights: Table, airports: Table): PlainFlights {
  const column = (t: Table, name: string): DataColumn => {
    const c = t.columns[t.names.indexOf(name)];
    if (c === undefined) throw new Error(`no column ${name}`);
    return c;
  };
  const rowOf = new Map([...(column(airports, 'iata').dictionary ?? [])].map((code, row) => [code, row]));
  const rows = (name: string): Int32Array =>
    Int32Array.from([...(column(flights, name).dictionary ?? [])], (code) => rowOf.get(code) ?? -1);
  return {
    rows: flights.length,
    date: Float64Array.from(column(flights, 'date').data, Number),
    delay: Float64Array.from(column(flights, 'delay').data, Number),
    distance: Float64Array.from(column(flights, 'distance').data, Number),
    origin: Int32Array.from(column(flights, 'origin').data, Number),
    destination: Int32Array.from(column(flights, 'destination').data, Number),
    origins: [...(column(flights, 'origin').dictionary ?? [])],
    originRow: rows('origin'),
    destinationRow: rows('destination'),
    latitude: Float64Array.from(column(airports, 'latitude').data, Number),
    longitude: Float64Array.from(column(airports, 'longitude').data, Number),
  };
}

/** The worst airports, by one hand-fused loop. */
export function handFused(f: PlainFlights): readonly AirportDelay[] {
  const groups = f.origins.length;
  const count = new Float64Array(groups);
  const delaySum = new Float64Array(groups);
  const lateCount = new Float64Array(groups);
  const scoreSum = new Float64Array(groups);
  const rad = Math.PI / 180;
  const { weights, bias } = MODEL;
  for (let i = 0; i < f.rows; i++) {
    const from = f.origin[i] as number;
    const o = f.originRow[from] as number;
    const d = f.destinationRow[f.destination[i] as number] as number;
    if (o < 0 || d < 0) continue;
    const lat1 = (f.latitude[o] as number) * rad;
    const lat2 = (f.latitude[d] as number) * rad;
    const sinLat = Math.sin((lat2 - lat1) / 2);
    const sinLon = Math.sin(((f.longitude[d] as number) * rad - (f.longitude[o] as number) * rad) / 2);
    const a = sinLat * sinLat + Math.cos(lat1) * Math.cos(lat2) * (sinLon * sinLon);
    const miles = 2 * EARTH_MILES * Math.asin(Math.sqrt(a));
    const distance = f.distance[i] as number;
    if (!(Math.abs(miles - distance) < distance * TOLERANCE)) continue;
    const micros = f.date[i] as number;
    const day = Math.floor(micros / 86_400_000_000);
    const hour = Math.floor((micros - day * 86_400_000_000) / 3_600_000_000);
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    const z = (distance / 1000) * weights[0] + (hour / 24) * weights[1] + (weekday / 7) * weights[2] + bias;
    const delay = f.delay[i] as number;
    count[from] = (count[from] as number) + 1;
    delaySum[from] = (delaySum[from] as number) + delay;
    if (delay > 60) lateCount[from] = (lateCount[from] as number) + 1;
    scoreSum[from] = (scoreSum[from] as number) + 1 / (1 + Math.exp(-z));
  }
  const all = f.origins.map((origin, g) => {
    const n = count[g] as number;
    return {
      origin,
      flights: n,
      mean_delay: (delaySum[g] as number) / n,
      late_share: (lateCount[g] as number) / n,
      mean_score: (scoreSum[g] as number) / n,
    };
  });
  return all
    .filter((r) => r.flights >= MIN_FLIGHTS)
    .sort((x, y) => y.mean_delay - x.mean_delay)
    .slice(0, WORST);
}
