/** Where the devDependency `vega-datasets` keeps the flights and the airports. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface FlightFiles {
  readonly flights: string;
  readonly airports: string;
}

export function flightFiles(): FlightFiles {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const data = join(dirname(entry), '..', 'data');
  return { flights: join(data, 'flights-3m.parquet'), airports: join(data, 'airports.csv') };
}
