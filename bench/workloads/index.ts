/** All workloads, in the order in which they are measured and listed. */

import { birthAnalysis } from './birth-analysis.ts';
import { blackScholes, blackScholesF32 } from './black-scholes.ts';
import { crimeIndex } from './crime-index.ts';
import { dataCleaning } from './data-cleaning.ts';
import { groupBy } from './groupby.ts';
import { haversine } from './haversine.ts';
import { logreg } from './logreg.ts';
import { mapReduce } from './map-reduce.ts';
import { movieLens } from './movielens.ts';
import { nbody } from './nbody.ts';
import { pageRank } from './pagerank.ts';
import { requests311 } from './requests-311.ts';
import { tpchQ1 } from './tpch-q1.ts';
import { tpchQ3 } from './tpch-q3.ts';
import { tpchQ6 } from './tpch-q6.ts';
import { tpchQ12 } from './tpch-q12.ts';
import { vectorSum } from './vector-sum.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [
  vectorSum,
  mapReduce,
  blackScholes,
  blackScholesF32,
  haversine,
  crimeIndex,
  dataCleaning,
  requests311,
  birthAnalysis,
  movieLens,
  groupBy,
  tpchQ1,
  tpchQ3,
  tpchQ6,
  tpchQ12,
  logreg,
  pageRank,
  nbody,
];
