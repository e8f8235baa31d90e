import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{compiler,runtime,kernels,frontends,programs,bench,spec}/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'forks',
    // One process a core keeps its modules: no test changes what another one sees, and starting anew for each file
    // would take longer than the tests.
    isolate: false,
    maxWorkers: '100%',
    // Compilers make many short-lived objects: with a large nursery a sixth of the time is saved.
    execArgv: ['--max-semi-space-size=64'],
    // Every program is verified after every pass.
    env: { WELD_CHECK: '1' },
  },
});
