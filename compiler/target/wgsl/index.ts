/**
 * The WGSL target: kernels as compute shaders, and what a host needs to launch them.
 */

export { emitWgsl, type WgslModule, type WgslOptions } from './emit.ts';
export type { Entry } from './entries.ts';
export { type DeviceKind, LIMITS, type ReasonCode, type Refusal } from './info.ts';
export {
  type Binding,
  type BufferPlace,
  type Grid,
  gridOf,
  type LaunchValues,
  NO_FAILURE,
  type ParamField,
  packParams,
  STATUS_WORDS,
  type StateLayout,
  stateSize,
  wordsOf,
} from './layout.ts';
