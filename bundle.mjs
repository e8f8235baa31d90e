/**
 * What is published: each door of the package as one file, with shared chunks, in `dist/lib`. Loading 240 modules takes
 * three times as long as loading six files. Types and the code of the repository's own tools stay in `dist`, file by file.
 *
 * `dist/lib` and `dist` are two copies of everything; a process must use one of them, since types are compared by identity.
 */

import { readFileSync } from 'node:fs';
import { build } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

await build({
  input: {
    runtime: 'runtime/index.ts',
    frame: 'frontends/frame/index.ts',
    array: 'frontends/array/index.ts',
    tensor: 'frontends/tensor/index.ts',
    compiler: 'compiler/index.ts',
    text: 'compiler/text.ts',
    weldc: 'compiler/cli/weldc.ts',
    // A file of its own beside the pool, which starts it by name.
    worker: 'runtime/cpu/worker.mjs',
  },
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`))],
  output: {
    dir: 'dist/lib',
    cleanDir: true,
    sourcemap: true,
    entryFileNames: ({ name }) => (name === 'worker' ? '[name].mjs' : '[name].js'),
    chunkFileNames: '[name]-[hash].js',
  },
});
