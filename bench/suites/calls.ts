/**
 * The suite `calls`: what a small result costs that is asked for again and again. Each figure is the median of fresh
 * processes, which take turns; processor time, since other work on the machine changes that least.
 */

import { pathToFileURL } from 'node:url';
import { commit, machine } from '../machine.ts';
import { built, type Measured, measure, type Probe, probeTable } from '../probes.ts';
import { progressLine } from '../progress.ts';
import type { Suite } from '../suite.ts';

const CALLS = [
  'plain JavaScript: a loop',
  'session.evaluate: sum',
  'array: sum, the same object',
  'array: a.sum().item()',
  'array: a.mul(2).toArray(), released',
  'frame: filter, sum, collect',
];

export const callsSuite: Suite = {
  name: 'calls',
  about: 'what a cached small program costs a call, of 1,000 rows, by session, array and frame',
  workloads: [],
  async run({ runs }, io) {
    const progress = progressLine();
    const lib = pathToFileURL(built('lib')).href;
    const probes = CALLS.map((name): Probe => ({ name, script: 'bench/calls/call.mjs', args: [lib, name], env: {} }));
    const found = measure(probes, runs, (round) => progress.show(`round ${round} of ${runs}`));
    progress.clear();
    io.out(callsText(found));
    return { suite: 'calls', runs, ...machine(), commit: commit(), calls: found };
  },
};

export const callsText = (found: readonly Measured[]): string =>
  [
    ...probeTable('a call over 1,000 rows, us of processor time', { soon: 'soonUs', later: 'laterUs' }, 1, found),
    '',
  ].join('\n');
