/** What can be switched off one by one: the passes of the optimizer, and what is done to the kernels after them. */

import { KERNEL_SWITCHES } from '../../compiler/compile.ts';
import { ALL_PASSES } from '../../compiler/pipeline.ts';

export { KERNEL_SWITCHES };
export const EVERY_PASS: readonly string[] = [...ALL_PASSES.map((pass) => pass.name), ...KERNEL_SWITCHES];
