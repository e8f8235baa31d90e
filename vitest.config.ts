import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{compiler,runtime,kernels,frontends,programs,bench,spec}/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'forks',
    // Every program is verified after every pass.
    env: { WELD_CHECK: '1' },
  },
});
