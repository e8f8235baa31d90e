/** The project's own source files, for the tests that look at all of them. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['compiler', 'runtime', 'kernels', 'frontends', 'programs', 'bench', 'spec'];

/** Paths from the root of every .ts and .mjs file, with `/` as separator. */
export function sources(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((f) => join(folder, f).replaceAll('\\', '/'))
      .filter((f) => /\.(ts|mjs)$/.test(f) && !f.includes('/node_modules/')),
  );
}
