/** The machine, the versions and the commit that a measurement was made on. */

import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly v8: string;
}

export function machine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** The commit that is checked out, with `-dirty` behind it where files differ from it; null outside a repository. */
export function commit(): string | null {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const name = git('rev-parse', 'HEAD');
    return git('status', '--porcelain') === '' ? name : `${name}-dirty`;
  } catch {
    return null;
  }
}
