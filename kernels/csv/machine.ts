/** The kernels that read CSV and NDJSON: loaded when the first text is read by them. */

export { readLines } from '../json/lines-machine.ts';
export { NULL_BYTES, NULL_STEP } from './cell-machine.ts';
export { indexLines } from './lines-machine.ts';
export { floatCells, integerCells, powersOf } from './numbers-machine.ts';
export { indexRows } from './rows-machine.ts';
export { Strings } from './strings.ts';
export { readStrings } from './strings-machine.ts';
export { boolCells, timeCells } from './times-machine.ts';
export { firstInvalid } from './utf8-machine.ts';
