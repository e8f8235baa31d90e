/**
 * The helpers a module may need, by name, and which of them it does need.
 *
 * The printer calls a helper by name through `Polyfilled.use`, so only what is called, with everything that it calls
 * in turn, ends up in the module.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { F32_POLYFILLS } from './polyfill-f32.ts';
import { I64_POLYFILLS } from './polyfill-i64.ts';
import { MATH_POLYFILLS } from './polyfill-math.ts';
import { SPECIAL_POLYFILLS } from './polyfill-special.ts';

export interface Polyfill {
  /** Helpers that this one calls. */
  readonly needs: readonly string[];
  readonly code: string;
}
export type Polyfills = Readonly<Record<string, Polyfill>>;

/** Every helper, in the order of printing. WGSL functions may call later ones. */
const ALL: ReadonlyMap<string, Polyfill> = new Map([
  ...Object.entries(F32_POLYFILLS),
  ...Object.entries(I64_POLYFILLS),
  ...Object.entries(MATH_POLYFILLS),
  ...Object.entries(SPECIAL_POLYFILLS),
]);

export const POLYFILL_NAMES: readonly string[] = [...ALL.keys()];

export const isPolyfill = (name: string): boolean => ALL.has(name);

/** Collects the helpers that a module uses. */
export interface Polyfilled {
  /** Notes a call and gives the name back. */
  readonly use: (name: string) => string;
  /** The code of what was used, or an empty string. */
  readonly code: () => string;
}

export function createPolyfilled(): Polyfilled {
  const used = new Set<string>();
  const use = (name: string): string => {
    const helper = ALL.get(name);
    if (helper === undefined) throw new InternalError(`wgsl: no helper ${name}`);
    if (!used.has(name)) {
      used.add(name);
      helper.needs.forEach(use);
    }
    return name;
  };
  const code = (): string => {
    const parts = [...ALL].filter(([name]) => used.has(name)).map(([, helper]) => helper.code.trim());
    return parts.join('\n');
  };
  return { use, code };
}
