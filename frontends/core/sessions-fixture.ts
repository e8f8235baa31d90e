/** Sessions for tests: the reference interpreter and generated code, so that each test runs on both. */

import { readEnv, Session } from '../../runtime/index.ts';

/** A new session of each target. The caller disposes them. */
export const testSessions = (): readonly { readonly name: string; readonly session: Session }[] =>
  (['interp', 'wasm'] as const).map((target) => ({
    name: target,
    session: new Session({ threads: 2 }, { ...readEnv({}), target, check: true }),
  }));
