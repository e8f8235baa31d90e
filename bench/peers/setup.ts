/**
 * `npm run bench:peers`: makes the Python environment of the peers, with the versions of `requirements.txt`, beside
 * this file, and installs those in JavaScript in `javascript/`. Needs a Python of at least 3.11 with `venv`;
 * WELD_BENCH_PYTHON names another environment instead. C needs clang, which it looks for when it is measured.
 */

import { spawnSync } from 'node:child_process';
import { PEERS_FOLDER } from './peers.ts';

function run(file: string, ...args: readonly string[]): boolean {
  const { error, status } = spawnSync(file, args, { stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`bench:peers: ${error.message}\n`);
  return status === 0;
}

const venv = `${PEERS_FOLDER}.venv`;
const made =
  run('python3', '-m', 'venv', venv) &&
  run(`${venv}/bin/python`, '-m', 'pip', 'install', '--quiet', '-r', `${PEERS_FOLDER}requirements.txt`);
const installed = run(
  'npm',
  'install',
  '--prefix',
  `${PEERS_FOLDER}javascript`,
  '--no-package-lock',
  '--no-audit',
  '--no-fund',
);
if (made) process.stdout.write(`the peers in Python are in ${venv}\n`);
if (installed) process.stdout.write(`the peers in JavaScript are in ${PEERS_FOLDER}javascript\n`);
process.exitCode = made && installed ? 0 : 1;
