/**
 * Which implementations there are, and how each one is started. Our own, the JavaScript loop and libraries for JavaScript
 * run in this Node, those of Python (and C, which Python calls) in the environment that `npm run bench:peers` makes. One
 * that is not installed is reported as missing.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Workload } from '../workloads/workload.ts';
import type { Missing } from './implementation.ts';
import { OURS } from './ours.ts';
import type { Command } from './process.ts';

const IN_PYTHON: readonly string[] = ['numpy', 'pandas', 'numba', 'polars', 'duckdb', 'cv2', 'c'];
const IN_JAVASCRIPT: readonly string[] = ['numpy-ts', 'arquero', 'jax-js'];
export const PEERS: readonly string[] = [...IN_PYTHON, ...IN_JAVASCRIPT];
/** In the order of the rows. */
export const IMPLEMENTATIONS: readonly string[] = [...OURS, ...PEERS];

/** The folder of the peers in the sources, also for the code that was built from them. */
export const PEERS_FOLDER = existsSync(new URL('./requirements.txt', import.meta.url))
  ? fileURLToPath(new URL('./', import.meta.url))
  : fileURLToPath(new URL('../../../bench/peers/', import.meta.url));
const VENV = `${PEERS_FOLDER}.venv/bin/python`;

/** The Python that has the peers: WELD_BENCH_PYTHON, else that of `npm run bench:peers`; null without either. */
export function peerPython(): string | null {
  const given = process.env['WELD_BENCH_PYTHON'];
  return given ?? (existsSync(VENV) ? VENV : null);
}

/** How to start an implementation of a workload; null where it has none. */
export function commandOf(
  name: string,
  w: Workload,
  rows: number,
  threads: number,
  folder: string,
): Command | Missing | null {
  // Without a program there is nothing to fuse.
  if (w.reader !== undefined && name.startsWith('weld-')) return null;
  if (OURS.some((o) => o === name)) {
    const serve = fileURLToPath(new URL('./serve.js', import.meta.url));
    return { name, file: process.execPath, args: [serve, w.name, name, folder, String(rows), String(threads)] };
  }
  return IN_JAVASCRIPT.includes(name) ? inJavaScript(name, w, folder) : inPython(name, w, threads, folder);
}

function inPython(name: string, w: Workload, threads: number, folder: string): Command | Missing | null {
  if (!functions(`python/${fileOf(w)}.py`, /^def (\w+)\(/gm).has(name)) return null;
  const python = peerPython();
  if (python === null) return { name, reason: 'not installed: npm run bench:peers' };
  return { name, file: python, args: [`${PEERS_FOLDER}python/serve.py`, moduleOf(w), name, folder, String(threads)] };
}

function inJavaScript(name: string, w: Workload, folder: string): Command | Missing | null {
  const workload = [w.name, fileOf(w)].find((n) =>
    functions(`javascript/${name}.js`, /^export function (\w+)\(/gm).has(n),
  );
  if (workload === undefined) return null;
  if (!existsSync(`${PEERS_FOLDER}javascript/node_modules`))
    return { name, reason: 'not installed: npm run bench:peers' };
  return { name, file: process.execPath, args: [`${PEERS_FOLDER}javascript/serve.js`, workload, name, folder] };
}

const moduleOf = (w: Workload): string => w.peers ?? w.name;
const fileOf = (w: Workload): string => moduleOf(w).split(':')[0] ?? '';

/** The functions that a file of a peer defines. */
function functions(path: string, definition: RegExp): ReadonlySet<string> {
  const file = `${PEERS_FOLDER}${path}`;
  if (!existsSync(file)) return new Set();
  return new Set([...readFileSync(file, 'utf8').matchAll(definition)].map((m) => m[1] ?? ''));
}
