/** Logistic regression: a matrix by a vector, a sigmoid, and the transposed matrix by what came out. */

import { type Leaf, U } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const logreg: Workload = {
  name: 'logreg',
  about: 'one gradient step of logistic regression (NumPy, TensorFlow)',
  unit: 'examples of 16 features',
  rows: 100_000,
  handFused: {
    loops: 5,
    why: 'one over the examples with a loop over the features for the score and one for the gradient, one that clears the gradient, one that moves the weights',
  },
  make,
};

const FEATURES = 16;
const RATE = 0.1;

function make(rows: number, random: Random): Instance {
  const features = Float64Array.from({ length: rows * FEATURES }, () => random.normal(0, 1));
  const weights = Float64Array.from({ length: FEATURES }, () => random.normal(0, 0.5));
  const labels = Float64Array.from({ length: rows }, () => (random.chance(0.5) ? 1 : 0));
  // A column of features adds up to about `rows` in size and errors are below 1; scores and exp cost some roundings.
  const near = { absolute: RATE * (2 * rows + 4 * FEATURES) * U };
  return {
    inputs: [features, labels, weights, RATE],
    js: () => [fused(features, labels, weights)] satisfies readonly Leaf[],
    near: [near],
  };
}

function fused(features: Float64Array, labels: Float64Array, weights: Float64Array): Float64Array {
  const gradient = new Float64Array(FEATURES);
  const n = labels.length;
  for (let row = 0; row < n; row++) {
    const at = row * FEATURES;
    let score = 0;
    for (let k = 0; k < FEATURES; k++) score += (features[at + k] as number) * (weights[k] as number);
    const error = 1 / (1 + Math.exp(-score)) - (labels[row] as number);
    for (let k = 0; k < FEATURES; k++) gradient[k] = (gradient[k] as number) + (features[at + k] as number) * error;
  }
  return weights.map((w, k) => w - ((gradient[k] as number) / n) * RATE);
}
