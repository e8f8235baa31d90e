/** Crime index: a selective filter over three columns, a linear model, two clamps, a sum. */

import { sumOf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const crimeIndex: Workload = {
  name: 'crime_index',
  about: 'filter cities, score them, add up (Pandas and NumPy)',
  unit: 'cities',
  rows: 1_000_000,
  handFused: { loops: 1, why: 'a city that passes the filter is scored and added at once' },
  make,
};

function make(rows: number, random: Random): Instance {
  const population = Float64Array.from({ length: rows }, () => Math.round(random.uniform(1_000, 1_500_000)));
  const adults = population.map((x) => Math.round(x * random.uniform(0.6, 0.85)));
  const robberies = population.map((x) => Math.round((x / 1_000) * random.uniform(0.2, 1.2)));
  // Every clamped index is positive.
  return {
    inputs: [population, adults, robberies],
    js: () => [[fused(population, adults, robberies)]],
    near: [sumOf(rows)],
  };
}

function fused(population: Float64Array, adults: Float64Array, robberies: Float64Array): number {
  let total = 0;
  for (let i = 0; i < population.length; i++) {
    const people = population[i] as number;
    if (!(people > 500_000)) continue;
    let index = people * 0.00001 + (adults[i] as number) * 0.00002 + (robberies[i] as number) * -0.02;
    if (index > 20) index = 32;
    if (index < 10) index = 5;
    total += index;
  }
  return total;
}
