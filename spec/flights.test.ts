/**
 * The demo's pipeline on a small, made-up sample: the answer against a plain loop on every backend and thread count,
 * one loop over the flights after fusion, and its kernels as shaders that a validating GPU adapter accepts.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { handFused, plainFlights } from '../bench/flights/baseline.ts';
import { shadersOf } from '../compiler/shaders.ts';
import { checkShader, openNullDevice } from '../compiler/testing/null-gpu.ts';
import { parseProgram } from '../compiler/text.ts';
import { fromColumns } from '../frontends/frame/index.ts';
import { type AirportDelay, worstAirports } from '../programs/flights/index.ts';
import { defaultSession, type Session } from '../runtime/index.ts';

const AIRPORTS = [
  { iata: 'AAA', latitude: 40.1, longitude: -80.2 },
  { iata: 'BBB', latitude: 33.6, longitude: -84.4 },
  { iata: 'CCC', latitude: 61.2, longitude: -150.0 },
  { iata: 'DDD', latitude: 25.8, longitude: -80.3 },
];
/** Flights between them, with recorded distances that are right, wrong, or to airports nobody knows. */
const ROWS = 40_000;

function makeFlights(): Readonly<Record<string, (string | number | Date)[]>> {
  let seed = 12345;
  const next = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  const rad = Math.PI / 180;
  const flights = {
    date: [] as Date[],
    delay: [] as number[],
    distance: [] as number[],
    origin: [] as string[],
    destination: [] as string[],
  };
  for (let i = 0; i < ROWS; i++) {
    const [from, to] = [AIRPORTS[next(4)], AIRPORTS[next(4)]];
    if (from === undefined || to === undefined) continue;
    const [p, q] = [from.latitude * rad, to.latitude * rad];
    const h =
      Math.sin((q - p) / 2) ** 2 +
      Math.cos(p) * Math.cos(q) * Math.sin(((to.longitude - from.longitude) * rad) / 2) ** 2;
    const miles = 2 * 3958.7613 * Math.asin(Math.sqrt(h));
    flights.date.push(new Date(Date.UTC(1969, 11, 1 + next(90), next(24), next(60))));
    flights.delay.push(next(200) - 40);
    flights.distance.push(Math.round(miles * (next(10) === 0 ? 1.4 : 1)));
    flights.origin.push(next(50) === 0 ? 'XXX' : from.iata);
    flights.destination.push(next(50) === 0 ? 'YYY' : to.iata);
  }
  return flights;
}

let session: Session;
let want: readonly AirportDelay[];
const flights = fromColumns(makeFlights());
const airports = fromColumns({
  iata: AIRPORTS.map((a) => a.iata),
  latitude: AIRPORTS.map((a) => a.latitude),
  longitude: AIRPORTS.map((a) => a.longitude),
});
const worst = worstAirports(flights, airports);

beforeAll(async () => {
  session = await defaultSession();
  want = handFused(plainFlights(await flights.collect(), await airports.collect()));
});

describe('worst airports', () => {
  it('has an answer', () => {
    expect(want.map((r) => r.origin).sort()).toEqual(['AAA', 'BBB', 'CCC', 'DDD']);
  });

  it.each([
    ['the interpreter', { target: 'interp' as const }],
    ['one thread', { threads: 1 }],
    ['several threads', {}],
    ['no fusion', { disable: ['fuse-vertical', 'fuse-horizontal', 'fuse-copy'] }],
    ['no SIMD', { disable: ['vectorize'] }],
  ])('by %s', async (_, options) => {
    const got = (await worst.collect(options)).toRecords() as unknown as AirportDelay[];
    expect(got.map((r) => [r.origin, Number(r.flights)])).toEqual(want.map((r) => [r.origin, r.flights]));
    for (const [k, r] of got.entries()) {
      expect(r.mean_delay).toBeCloseTo(want[k]?.mean_delay ?? Number.NaN, 10);
      expect(r.late_share).toBeCloseTo(want[k]?.late_share ?? Number.NaN, 12);
      expect(r.mean_score).toBeCloseTo(want[k]?.mean_score ?? Number.NaN, 12);
    }
  });

  it('gives the same bits for every number of threads', async () => {
    const [one, many] = [await worst.collect({ threads: 1 }), await worst.collect({ threads: session.threads })];
    expect(many.toRecords()).toEqual(one.toRecords());
  });

  it('is one loop over the flights', async () => {
    const story = await worst.explain();
    expect(story.loopsBefore).toBeGreaterThan(25);
    // The flights; the groups; the ten that are shown.
    expect(story.loopsAfter).toBe(3);
  });

  it('is the program that programs/flights/pipeline.weld shows', async () => {
    const file = 'programs/flights/pipeline.weld';
    const text = `# The flights pipeline as the frontends write it, before any pass: weldc explain ${file}\n${(await worst.explain()).initial}`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('prints kernels that a GPU adapter accepts', async () => {
    const program = parseProgram((await worst.explain()).final);
    const device = await openNullDevice();
    const shaders = shadersOf(program, { f64: 'f32' });
    expect(shaders.length).toBe(3);
    for (const { kernel, shader } of shaders) {
      if (!shader.ok) throw new Error(`${kernel}: ${shader.message}`);
      expect(await checkShader(device, shader), kernel).toEqual([]);
    }
  });
});
