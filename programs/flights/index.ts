/**
 * The flights pipeline: which airports delay people most, over three libraries and three million rows.
 *
 * frame: attach the coordinates of both airports to every flight and group by origin; array: the great-circle
 * distance; tensor: a logistic score of each flight. The caller collects; everything before is one lazy program that
 * the optimizer turns into one loop over the flights.
 */

import * as wa from '../../frontends/array/index.ts';
import { col, type Frame, len, lit } from '../../frontends/frame/index.ts';
import * as wt from '../../frontends/tensor/index.ts';

/** Mean radius of the Earth in statute miles, the unit of the recorded distance. */
export const EARTH_MILES = 3958.7613;
/** Largest relative disagreement between recorded and great-circle distance of a flight that counts. */
export const TOLERANCE = 0.05;
/** Airports with fewer flights are not ranked. */
export const MIN_FLIGHTS = 1000;
/** How many airports are reported. */
export const WORST = 10;

/** A logistic model of "more than an hour late" over (distance / 1000 miles, hour / 24, weekday / 7). */
export interface Model {
  readonly weights: readonly [distance: number, hour: number, weekday: number];
  readonly bias: number;
}
/** The maximum-likelihood fit to all flights of the file, by Newton steps outside this program, rounded. */
export const MODEL: Model = { weights: [0.1151, 3.1521, 0.096], bias: -4.9872 };

/** One line of the answer; delays in minutes. */
export interface AirportDelay {
  readonly origin: string;
  readonly flights: number;
  readonly mean_delay: number;
  readonly late_share: number;
  readonly mean_score: number;
}

/**
 * The worst airports, lazily.
 *
 * @param flights columns `date` (timestamp), `delay` and `distance` (i64), `origin` and `destination` (string)
 * @param airports columns `iata` (string, unique), `latitude`, `longitude` (f64, degrees)
 */
export function worstAirports(flights: Frame, airports: Frame, model: Model = MODEL): Frame {
  const place = (end: string): Frame =>
    airports.select(
      col('iata').alias(`${end}_code`),
      col('latitude').alias(`${end}_lat`),
      col('longitude').alias(`${end}_lon`),
    );
  const placed = flights
    .join(place('from'), { leftOn: 'origin', rightOn: 'from_code' })
    .join(place('to'), { leftOn: 'destination', rightOn: 'to_code' });

  const plausible = placed
    .withColumns({ miles: greatCircle(placed) })
    .filter(
      col('miles')
        .sub(col('distance'))
        .abs()
        .lt(col('distance').mul(lit(TOLERANCE))),
    )
    .withColumns({ hour: col('date').dt.hour(), weekday: col('date').dt.weekday() });

  const features = wt.stack([
    plausible.column('distance').div(1000),
    plausible.column('hour').div(24),
    plausible.column('weekday').div(7),
  ]);
  const score = features.matmul(model.weights).add(model.bias).sigmoid();

  return plausible
    .withColumns({ score })
    .groupBy('origin')
    .agg(
      len().alias('flights'),
      col('delay').mean().alias('mean_delay'),
      col('delay').gt(60).cast('f64').mean().alias('late_share'),
      col('score').mean().alias('mean_score'),
    )
    .filter(col('flights').ge(MIN_FLIGHTS))
    .sort('mean_delay', { descending: true })
    .head(WORST);
}

/** Great-circle distance in miles by the haversine formula. */
function greatCircle(placed: Frame): wa.NDArray {
  const [lat1, lon1, lat2, lon2] = ['from_lat', 'from_lon', 'to_lat', 'to_lon'].map((name) =>
    wa.radians(placed.column(name)),
  ) as [wa.NDArray, wa.NDArray, wa.NDArray, wa.NDArray];
  const sinLat = wa.sin(lat2.sub(lat1).div(2));
  const sinLon = wa.sin(lon2.sub(lon1).div(2));
  const a = sinLat.mul(sinLat).add(wa.cos(lat1).mul(wa.cos(lat2)).mul(sinLon.mul(sinLon)));
  return wa.arcsin(wa.sqrt(a)).mul(2 * EARTH_MILES);
}
