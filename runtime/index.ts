/** The runtime's public door: sessions, values, devices. */

export type { Code, Diagnostic, ErrorKind } from '../compiler/index.ts';
export { InternalError, WeldError } from '../compiler/index.ts';
export type { HostWork } from '../kernels/index.ts';
export { Heap } from './cpu/heap.ts';
export { tableFromArrow, tableToArrow } from './data/arrow.ts';
export type { Column as DataColumn, Dictionary, DType, Table } from './data/column.ts';
export { plainAllocator, storageKind, viewOf } from './data/column.ts';
export type { CsvOptions, CsvSource } from './data/csv.ts';
export { readCsvTable, scanCsvTables } from './data/csv.ts';
export { type CellWriter, cellWriter } from './data/csv-cells.ts';
export { formatTable } from './data/format.ts';
export type { NdjsonOptions } from './data/ndjson.ts';
export { readNdjsonTable, scanNdjsonTables } from './data/ndjson.ts';
export type { ParquetOptions } from './data/parquet.ts';
export { readParquetTable } from './data/parquet.ts';
export type { SourceInput } from './data/source.ts';
export type {
  BufferArg,
  CombineRequest,
  Device,
  DeviceInfo,
  DeviceProgram,
  Failure,
  LaunchReport,
  LaunchRequest,
  Mem,
} from './device.ts';
export { ASYNC_DISPOSE, DISPOSE } from './dispose.ts';
export { dumpTo } from './dump.ts';
export type { Env, TargetName } from './env.ts';
export { readEnv } from './env.ts';
export { wasmExtern } from './externs.ts';
export type { Given } from './given.ts';
export type { LaunchRecord } from './launch.ts';
export type {
  Artifact,
  CompileSettings,
  EvaluateOptions,
  Prepared,
  RunRecord,
  SessionOptions,
} from './options.ts';
export { Owned } from './owned.ts';
export type { CounterEvent, NameEvent, SpanEvent, TraceEvent, TraceFile } from './profile/events.ts';
export type { Profile } from './profile/profile.ts';
export { defaultSession, init, Session } from './session.ts';
export type { Batch, PartialArgs, Partitioned, StreamState } from './stream/partitions.ts';
export { checkValue, columnsOf, compareValues, rowOf, scalarsOf, valueOfScalars } from './value.ts';
