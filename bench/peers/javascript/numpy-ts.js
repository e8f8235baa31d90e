/** NumPy for JavaScript: workloads operator by operator, as they are written with it. Needs Node 22. */

import * as np from 'numpy-ts';

// Its memory is 256 MiB unless asked otherwise, which ten million rows do not fit in.
np.configureWasm({ maxMemory: 2 ** 31 });

const DEGREE = Math.PI / 180;
const EARTH_MILES = 7917.5;

export function sum_f64(v) {
  const column = np.array(v);
  return () => [Number(np.sum(column))];
}

export function triad_f64(a, b, s) {
  const [x, y] = [np.array(a), np.array(b)];
  return () => np.add(x, np.multiply(y, s)).data;
}

export function haversine(latitude, longitude, fromLatitude, fromLongitude) {
  const [lat, lon] = [np.array(latitude), np.array(longitude)];
  return () => {
    const radians = np.multiply(lat, DEGREE);
    const north = np.sin(np.multiply(np.subtract(radians, fromLatitude * DEGREE), 0.5));
    const east = np.sin(np.multiply(np.subtract(np.multiply(lon, DEGREE), fromLongitude * DEGREE), 0.5));
    const scaled = np.multiply(np.cos(radians), Math.cos(fromLatitude * DEGREE));
    const chord = np.add(np.multiply(north, north), np.multiply(scaled, np.multiply(east, east)));
    return np.multiply(np.arcsin(np.sqrt(chord)), EARTH_MILES).data;
  };
}

export function tpch_q6(quantity, price, discount, shipped, start, until) {
  const [q, p, d, day] = [quantity, price, discount, shipped].map((v) => np.array(v));
  const both = (a, b) => np.logical_and(a, b);
  return () => {
    const dates = both(np.greater_equal(day, start), np.less(day, until));
    const discounts = both(np.greater_equal(d, 0.05), np.less_equal(d, 0.07));
    const keep = both(both(dates, discounts), np.less(q, 24));
    return [Number(np.sum(np.multiply(np.compress(keep, p), np.compress(keep, d))))];
  };
}
