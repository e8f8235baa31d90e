/** N-body: matrices of all pairs that are only ever summed by row, so none of them needs to exist. */

import { type Leaf, U } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const nbody: Workload = {
  name: 'nbody',
  about: 'one step of an n-body simulation (NumPy)',
  unit: 'pairs of bodies',
  rows: 640_000,
  handFused: { loops: 2, why: 'one over the bodies, in it one over the others that adds up three forces' },
  make,
};

const STEP = 0.01;
const SOFTENING = 0.01;

type Columns = readonly [Float64Array, Float64Array, Float64Array];
interface Bodies {
  readonly position: Columns;
  readonly velocity: Columns;
  readonly mass: Float64Array;
}

function make(rows: number, random: Random): Instance {
  const n = Math.max(1, Math.floor(Math.sqrt(rows)));
  const column = (size: number): Float64Array => Float64Array.from({ length: n }, () => random.normal(0, size));
  const bodies: Bodies = {
    position: [column(1), column(1), column(1)],
    velocity: [column(0.1), column(0.1), column(0.1)],
    mass: Float64Array.from({ length: n }, () => random.uniform(0.5, 1.5) / n),
  };
  // A force is at most mass / softening, masses add up to 1.5, and a term takes a dozen roundings.
  const near = { absolute: ((2 * n + 12) * 1.5 * STEP * U) / SOFTENING };
  return {
    inputs: [...bodies.position, ...bodies.velocity, bodies.mass, STEP],
    js: () => fused(bodies),
    near: [near, near, near, near, near, near],
  };
}

function fused({ position: [x, y, z], velocity: [u, v, w], mass }: Bodies): readonly Leaf[] {
  const n = mass.length;
  const [x1, y1, z1, u1, v1, w1] = [x.slice(), y.slice(), z.slice(), u.slice(), v.slice(), w.slice()];
  for (let i = 0; i < n; i++) {
    let [ax, ay, az] = [0, 0, 0];
    for (let j = 0; j < n; j++) {
      const dx = (x[j] as number) - (x[i] as number);
      const dy = (y[j] as number) - (y[i] as number);
      const dz = (z[j] as number) - (z[i] as number);
      const r = dx * dx + dy * dy + dz * dz + SOFTENING;
      const force = (mass[j] as number) / (r * Math.sqrt(r));
      ax += force * dx;
      ay += force * dy;
      az += force * dz;
    }
    const [un, vn, wn] = [(u[i] as number) + ax * STEP, (v[i] as number) + ay * STEP, (w[i] as number) + az * STEP];
    u1[i] = un;
    v1[i] = vn;
    w1[i] = wn;
    x1[i] = (x[i] as number) + un * STEP;
    y1[i] = (y[i] as number) + vn * STEP;
    z1[i] = (z[i] as number) + wn * STEP;
  }
  return [x1, y1, z1, u1, v1, w1];
}
