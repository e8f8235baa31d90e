/** The kernels that read CSV: loaded when the first text is read by them. */

export { NULL_BYTES, NULL_STEP } from './cell-machine.ts';
export { floatCells, integerCells, powersOf } from './numbers-machine.ts';
export { indexRows } from './rows-machine.ts';
export { readStrings, Strings } from './strings-machine.ts';
export { boolCells, timeCells } from './times-machine.ts';
