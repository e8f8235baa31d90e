/**
 * WELD_DUMP: the program after every pass that changed it, as files of Weld text that `weldc` reads.
 *
 *     dump/p1-00-input.weld   dump/p1-01-inline.weld   dump/p1-02-fuse-vertical.weld   dump/p2-00-input.weld ...
 *
 * Programs are numbered in the order of their compilation in this process. Files that are there are written over.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, type Program, printProgram } from '../compiler/index.ts';

let programs = 0;

/** Writes a program into the folder, and gives what writes it again after each pass. W8006 when that is not possible. */
export function dumpTo(folder: string, input: Program): (pass: string, p: Program) => void {
  const number = ++programs;
  let step = 0;
  const write = (pass: string, p: Program): void => {
    const name = `p${number}-${String(step++).padStart(2, '0')}-${pass}.weld`;
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), printProgram(p));
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      fail('W8006', `WELD_DUMP: cannot write ${join(folder, name)}: ${why}`, { help: 'name a folder to write to' });
    }
  };
  write('input', input);
  return write;
}
