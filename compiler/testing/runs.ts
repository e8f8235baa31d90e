/**
 * How many cases a property test tries: 200 with a fixed seed in the quick suite, 20,000 with a random seed, which
 * fast-check prints when a case fails, in `npm run test:deep` (`WELD_DEEP=1`; any other number is taken as it is).
 */

const deep = Number(process.env['WELD_DEEP'] ?? 0);

/** Whether this is the deep suite. */
export const isDeep = deep > 0;
/** How many cases the deep suite tries of a property that is not slow. */
export const DEEP_RUNS = deep === 1 ? 20_000 : deep;
/** The seed of deep tests that count what they try: `WELD_SEED`, so that a run can be had again, or shared out. */
export const DEEP_SEED = Number(process.env['WELD_SEED'] ?? Date.now() & 0x7fffffff);
/** The time limit of a test that tries them. */
export const DEEP_TIMEOUT = isDeep ? 7_200_000 : 60_000;

/** Parameters for `fc.assert`. `scale` lowers the numbers for properties that are slow. */
export function runs(seed: number, scale = 1): { readonly numRuns: number; readonly seed?: number } {
  return isDeep ? { numRuns: Math.ceil(DEEP_RUNS * scale) } : { numRuns: Math.ceil(200 * scale), seed };
}
