/** What can be switched off one by one: the passes of the optimizer, and wide code. */

import { ALL_PASSES } from '../../compiler/pipeline.ts';

export const EVERY_PASS: readonly string[] = [...ALL_PASSES.map((pass) => pass.name), 'vectorize'];
