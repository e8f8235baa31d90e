/**
 * `using x = ..` and `await using x = ..` call the methods of these names at the end of their block. Node.js from 20.19 on
 * has the symbols; a browser that has not gets others of ours, under which nothing looks, and `dispose()` does the same.
 */

export const DISPOSE: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('weld-ts.dispose') as typeof Symbol.dispose);
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('weld-ts.asyncDispose') as typeof Symbol.asyncDispose);
