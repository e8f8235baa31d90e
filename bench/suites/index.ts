/** All suites, in the order in which they are listed. */

import type { Suite } from '../suite.ts';
import { ablationSuite } from './ablation-suite.ts';
import { callsSuite } from './calls.ts';
import { compilingSuite } from './compiling.ts';
import { loopsSuite } from './loops.ts';
import { memory64Suite } from './memory64.ts';
import { scalingSuite } from './scaling.ts';
import { selectivitySuite } from './selectivity.ts';
import { startupSuite } from './startup.ts';
import { streamSuite } from './stream.ts';
import { kernelsSuite, mathsSuite, microSuite, weldSuite } from './weld.ts';

export const SUITES: readonly Suite[] = [
  ablationSuite,
  loopsSuite,
  weldSuite,
  microSuite,
  kernelsSuite,
  mathsSuite,
  scalingSuite,
  selectivitySuite,
  startupSuite,
  callsSuite,
  compilingSuite,
  streamSuite,
  memory64Suite,
];
