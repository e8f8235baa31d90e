/**
 * How many cases a property test tries: 200 with a fixed seed in the quick suite, 20,000 with a random seed, which
 * fast-check prints when a case fails, in `npm run test:deep`.
 */

/** Parameters for `fc.assert`. `scale` lowers the numbers for properties that are slow. */
export function runs(seed: number, scale = 1): { readonly numRuns: number; readonly seed?: number } {
  const deep = process.env['WELD_DEEP'] === '1';
  return deep ? { numRuns: Math.ceil(20_000 * scale) } : { numRuns: Math.ceil(200 * scale), seed };
}
