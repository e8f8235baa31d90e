/** Tables in tests: from JavaScript values and back. */

import type { Column, DType, Table } from '../column.ts';
import { plainAllocator, storageKind } from '../column.ts';

export type CellValue = number | bigint | boolean | string | null;

/** A column of values, nulls included. */
export function columnOf(dtype: DType, values: readonly CellValue[]): Column {
  const data = plainAllocator.alloc(storageKind(dtype), values.length);
  const dictionary = [...new Set(values.filter((value) => typeof value === 'string'))];
  values.forEach((value, i) => {
    if (value === null) return;
    if (typeof value === 'bigint') data[i] = value;
    else data[i] = typeof value === 'string' ? dictionary.indexOf(value) : Number(value);
  });
  const validity = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 0 : 1)) : null;
  return { dtype, length: values.length, data, validity, dictionary: dtype === 'string' ? dictionary : null };
}

/** The values of a column. Throws when a null does not have a zero beside it, as the contract of columns says. */
export function cells(column: Column | undefined): CellValue[] {
  if (column === undefined) throw new Error('no such column');
  const { data, validity, dictionary } = column;
  return Array.from({ length: column.length }, (_, i) => {
    const value = data[i] ?? Number.NaN;
    if (validity?.[i] === 0) {
      if (Number(value) !== 0) throw new Error(`row ${i} is null but holds ${value}`);
      return null;
    }
    if (dictionary !== null) return dictionary.at(Number(value)) ?? `no code ${value}`;
    return column.dtype === 'bool' ? value === 1 : value;
  });
}

/** All columns of a table by name. */
export function toObject(table: Table): Record<string, CellValue[]> {
  return Object.fromEntries(table.names.map((name, i) => [name, cells(table.columns[i])]));
}
