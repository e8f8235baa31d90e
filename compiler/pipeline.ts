/**
 * THE list of passes: what happens to a Core program between the frontends and the lowering, as a story.
 *
 *   tidy       Look through what is known, compute equal things once, drop what nobody reads.
 *   motion     What a loop does not change leaves the loop, and is then in view of the passes on the outer block.
 *   unroll     Loops of a few known rounds become straight code, before they are in the way of fusion; and again when
 *              motion and fusion have shown more of them.
 *   fuse       Consumers take over the work of their producers (vertical), loops over the same elements become one
 *              (horizontal), until nothing moves. Between the two the tidying passes uncover the next opportunity: a
 *              filter with three readers is pulled into them only after the three have become one loop. `filter-count`
 *              comes first, since a count is a loop that can be joined and a length is not; `group-reduce` comes before
 *              loops are joined, while groups have a loop of their own.
 *              Filtered columns that are zipped become one vector (`pack`), so that a loop over them is one over a single
 *              filter; a loop over one of several things that a loop makes moves into it (`fuse-sibling`); aggregates
 *              of the same groups become one dictionary (`merge-dicts`). Of a vector of which only a part is read, only
 *              that part is made (`push-window`), and of an order only the first elements found (`top-k`). Rows of a matrix
 *              are made in the inner loops that read them (`inline-window`).
 *   share      What still has several readers: cheap maps are computed again by each of them, filters are read on
 *              their way. Then fuse once more.
 *   dense      Dictionaries with few possible keys get a table, when their keys are computed in the loop that merges them.
 *              What gives the keys back is a map like any other, so this is part of `share`.
 *              What is then asked of a dictionary for whether a key is there and for its value is asked once (`probe-once`).
 *   index      Rows and columns are counted by the loops over them, not divided out of an index (`split-index`), and what
 *              is looked up at the index of a loop is walked (`scan-lookups`). Then once more from motion on.
 *   project    Columns that nobody reads are not made.
 *
 * Every pass keeps the meaning of the program on its own (`spec/semantics.md`), so any of them may be disabled.
 */

import type { Program } from './core/program.ts';
import { DEFAULT_PASS_OPTIONS, type PassOptions } from './options.ts';
import { cse } from './passes/cse.ts';
import { dce } from './passes/dce.ts';
import { denseDict } from './passes/dense-dict.ts';
import { filterCount } from './passes/filter-count.ts';
import { fold } from './passes/fold.ts';
import { fuseCopy } from './passes/fuse-copy.ts';
import { fuseHorizontal } from './passes/fuse-horizontal.ts';
import { fuseSibling } from './passes/fuse-sibling.ts';
import { fuseVertical } from './passes/fuse-vertical.ts';
import { groupReduce } from './passes/group-reduce.ts';
import { inline } from './passes/inline.ts';
import { inlineWindow } from './passes/inline-window.ts';
import { lengths } from './passes/lengths.ts';
import { mergeDicts } from './passes/merge-dicts.ts';
import { mergeIfs } from './passes/merge-ifs.ts';
import { motion } from './passes/motion.ts';
import { pack } from './passes/pack.ts';
import { type Pass, runPasses, type Step, type Trace } from './passes/pass.ts';
import { probeOnce } from './passes/probe-once.ts';
import { project } from './passes/project.ts';
import { pushWindow } from './passes/push-window.ts';
import { scanLookups } from './passes/scan-lookups.ts';
import { splitIndex } from './passes/split-index.ts';
import { topK } from './passes/top-k.ts';
import { unroll } from './passes/unroll.ts';

export { countLoops } from './analysis/size.ts';

/** Each round does real work or is the last; programs seen so far need three. */
const MAX_ROUNDS = 8;
const repeat = (...steps: readonly Step[]): Step => ({ repeat: steps, rounds: MAX_ROUNDS });

const tidy: readonly Step[] = [inline, fold, inline, cse, mergeIfs, dce];
const fuse: Step = repeat(
  lengths,
  filterCount,
  pushWindow,
  topK,
  fuseVertical,
  ...tidy,
  groupReduce,
  fuseHorizontal,
  ...tidy,
  inlineWindow,
  pack,
  fuseSibling,
  mergeDicts,
  ...tidy,
);
// Joined before fusing: a filter that was copied into a reader is shared with it, and not taken over by another one.
const share: Step = repeat(fuseCopy, ...tidy, fuseHorizontal, ...tidy, fuse, denseDict, probeOnce, project, ...tidy);

// Ranges tell loops over the same elements apart from others, so they are looked at when loops have been joined.
const index: readonly Step[] = [splitIndex, scanLookups, ...tidy];

// What leaves a loop makes it cheaper to copy, so those that copy and those that move wait for each other.
export const PIPELINE: readonly Step[] = [
  ...tidy,
  motion,
  unroll,
  fuse,
  repeat(share, ...index, motion, unroll, ...tidy, fuse),
];

/** Every pass, once, in the order of first use. */
export const ALL_PASSES: readonly Pass[] = [...new Set(flatten(PIPELINE))];

function flatten(steps: readonly Step[]): readonly Pass[] {
  return steps.flatMap((s) => ('repeat' in s ? flatten(s.repeat) : [s]));
}

/** The optimized program and what each pass did. */
export function optimize(
  p: Program,
  options: Partial<PassOptions> = {},
): { readonly program: Program; readonly trace: Trace } {
  return runPasses(p, PIPELINE, { ...DEFAULT_PASS_OPTIONS, ...options });
}
