/** Haversine distances: one result through sin, cos, sqrt and asin. */

import { type Leaf, U } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const haversine: Workload = {
  name: 'haversine',
  about: 'distances of places from one point (NumPy)',
  unit: 'places',
  rows: 500_000,
  handFused: { loops: 1, why: 'a distance is one expression over latitude and longitude' },
  make,
};

/** Chicago. */
const FROM = { latitude: 41.8781, longitude: -87.6298 };
const EARTH_MILES = 7917.5;

function make(rows: number, random: Random): Instance {
  const latitude = Float64Array.from({ length: rows }, () => random.uniform(25, 49));
  const longitude = Float64Array.from({ length: rows }, () => random.uniform(-125, -67));
  return {
    inputs: [latitude, longitude, FROM.latitude, FROM.longitude],
    js: () => [fused(latitude, longitude)] satisfies readonly Leaf[],
    // Angles are below a radian and asin below 0.5 is no steeper than 1.2; the subtraction of the angles in radians
    // costs an absolute rounding or two, which near places feel most.
    near: [{ absolute: 32 * EARTH_MILES * U }],
  };
}

function fused(latitude: Float64Array, longitude: Float64Array): Float64Array {
  const miles = new Float64Array(latitude.length);
  const degree = Math.PI / 180;
  const fromLat = FROM.latitude * degree;
  const fromLon = FROM.longitude * degree;
  const cosFrom = Math.cos(fromLat);
  for (let i = 0; i < miles.length; i++) {
    const lat = (latitude[i] as number) * degree;
    const sinNorth = Math.sin((lat - fromLat) * 0.5);
    const sinEast = Math.sin(((longitude[i] as number) * degree - fromLon) * 0.5);
    const chord = sinNorth * sinNorth + Math.cos(lat) * cosFrom * (sinEast * sinEast);
    miles[i] = Math.asin(Math.sqrt(chord)) * EARTH_MILES;
  }
  return miles;
}
