/** The primitives that programs call by name with `cudf[name,T](args)`. */

import type { PrimTable } from '../compiler/index.ts';
import { bitmapCount, bitmapOf, maskOf, SET_NAMES, sets } from './bits/bits.ts';
import { randomIntegers, randomNormal, randomPermutation, randomUniform } from './chance/random.ts';
import { ASOF_NAMES, asofs } from './join/asof.ts';
import { checkUnique } from './join/check-unique.ts';
import { JOIN_NAMES, joins } from './join/join.ts';
import { match } from './join/match.ts';
import type { MachineForm } from './machine.ts';
import { ACTIVATIONS } from './matrix/activation.ts';
import { gemm } from './matrix/gemm.ts';
import { gemmBatched } from './matrix/gemm-batched.ts';
import { gemmNameOf, layers } from './matrix/gemm-bias.ts';
import { gemmStrided } from './matrix/gemm-strided.ts';
import { syrk } from './matrix/syrk.ts';
import { argsort } from './order/argsort.ts';
import { argsortBytes } from './order/argsort-bytes.ts';
import { argtopk } from './order/argtopk.ts';
import { kth } from './order/kth.ts';
import { quantile } from './order/quantile.ts';
import { RANK_NAMES, ranks } from './order/rank.ts';
import { searchsorted } from './order/searchsorted.ts';
import { sort } from './order/sort.ts';
import { unique } from './order/unique.ts';
import { boxFilter } from './pixels/box.ts';
import { mixChannels } from './pixels/mix.ts';
import { blockMse } from './pixels/mse.ts';
import { normalise } from './pixels/normalise.ts';
import { resizeArea, resizeBilinear, resizeNearest } from './pixels/resize.ts';
import { SCAN_NAMES, scans } from './scan/scan.ts';
import { SEG_SCAN_NAMES, segScans } from './scan/seg-scan.ts';
import { TEXT_FORMS, TEXT_KERNELS } from './text/index.ts';

export { type Freeing, Room } from './csv/room.ts';
export {
  CR,
  type Dialect,
  fieldEnd,
  fieldStart,
  JSON_ESCAPES,
  type Layout,
  LF,
  QUOTE,
  type Ragged,
  type RowFault,
  type Scanned,
  type Stretch,
  scanRows,
  unquoted,
} from './csv/rows.ts';
export type { HostWork, Machine, MachineBuffer, MachineForm, MachineLaunch, MachineReport } from './machine.ts';
export { Learning } from './tuning.ts';

/** All primitives by name. */
export const KERNELS: PrimTable = new Map(
  [
    ...[argsort, argsortBytes, argtopk, sort, kth, quantile, searchsorted, unique, ...ranks],
    ...[gemm, gemmStrided, ...layers, gemmBatched, syrk],
    ...[...scans, ...segScans],
    ...[bitmapOf, maskOf, bitmapCount, ...sets],
    ...[blockMse, resizeNearest, resizeBilinear, resizeArea, mixChannels, normalise, boxFilter],
    ...[match, ...joins, ...asofs, checkUnique],
    ...[randomUniform, randomNormal, randomIntegers, randomPermutation],
    ...TEXT_KERNELS,
  ].map((prim) => [prim.name, prim]),
);

/** Loads the machine form of a primitive, where it has one. */
export const MACHINE_FORMS: ReadonlyMap<string, () => Promise<MachineForm>> = new Map([
  [argsort.name, async () => (await import('./order/argsort-machine.ts')).argsortMachine],
  [argsortBytes.name, async () => (await import('./order/argsort-bytes-machine.ts')).argsortBytesMachine],
  [argtopk.name, async () => (await import('./order/argtopk-machine.ts')).argtopkMachine],
  [sort.name, async () => (await import('./order/sort-machine.ts')).sortMachine],
  [kth.name, async () => (await import('./order/kth-machine.ts')).kthMachine],
  [quantile.name, async () => (await import('./order/quantile-machine.ts')).quantileMachine],
  [searchsorted.name, async () => (await import('./order/searchsorted-machine.ts')).searchsortedMachine],
  [unique.name, async () => (await import('./order/unique-machine.ts')).uniqueMachine],
  [match.name, async () => (await import('./join/match-machine.ts')).matchMachine],
  ...JOIN_NAMES.map((name) => [name, async () => (await import('./join/join-machine.ts')).joinMachine(name)] as const),
  ...ASOF_NAMES.map((name) => [name, async () => (await import('./join/asof-machine.ts')).asofMachine(name)] as const),
  [checkUnique.name, async () => (await import('./join/check-unique-machine.ts')).checkUniqueMachine],
  [gemm.name, async () => (await import('./matrix/gemm-machine.ts')).gemmMachine],
  [gemmStrided.name, async () => (await import('./matrix/gemm-machine.ts')).gemmStridedMachine],
  ...ACTIVATIONS.map(
    (a) => [gemmNameOf(a), async () => (await import('./matrix/gemm-machine.ts')).layerMachine(a)] as const,
  ),
  [bitmapOf.name, async () => (await import('./bits/bits-machine.ts')).bitmapOfMachine],
  [maskOf.name, async () => (await import('./bits/bits-machine.ts')).maskOfMachine],
  [bitmapCount.name, async () => (await import('./bits/bits-machine.ts')).bitmapCountMachine],
  ...SET_NAMES.map((name) => [name, async () => (await import('./bits/bits-machine.ts')).setMachine(name)] as const),
  [blockMse.name, async () => (await import('./pixels/mse-machine.ts')).blockMseMachine],
  [resizeNearest.name, async () => (await import('./pixels/nearest-machine.ts')).resizeNearestMachine],
  [resizeBilinear.name, async () => (await import('./pixels/bilinear-machine.ts')).resizeBilinearMachine],
  [resizeArea.name, async () => (await import('./pixels/area-machine.ts')).resizeAreaMachine],
  [mixChannels.name, async () => (await import('./pixels/mix-machine.ts')).mixChannelsMachine],
  [normalise.name, async () => (await import('./pixels/normalise-machine.ts')).normaliseMachine],
  [boxFilter.name, async () => (await import('./pixels/box-machine.ts')).boxFilterMachine],
  [randomUniform.name, async () => (await import('./chance/random-machine.ts')).randomUniformMachine],
  [randomNormal.name, async () => (await import('./chance/random-machine.ts')).randomNormalMachine],
  [randomIntegers.name, async () => (await import('./chance/random-machine.ts')).randomIntegersMachine],
  [randomPermutation.name, async () => (await import('./chance/random-machine.ts')).randomPermutationMachine],
  [gemmBatched.name, async () => (await import('./matrix/gemm-batched-machine.ts')).gemmBatchedMachine],
  [syrk.name, async () => (await import('./matrix/syrk-machine.ts')).syrkMachine],
  ...RANK_NAMES.map((name) => [name, async () => (await import('./order/rank-machine.ts')).rankMachine(name)] as const),
  ...SCAN_NAMES.map((name) => [name, async () => (await import('./scan/scan-machine.ts')).scanMachine(name)] as const),
  ...TEXT_FORMS,
  ...SEG_SCAN_NAMES.map(
    (name) => [name, async () => (await import('./scan/seg-scan-machine.ts')).segScanMachine(name)] as const,
  ),
]);

export { type FieldSink, isJsonBlank, type JsonFault, Keys, readObject } from './json/objects.ts';

export type CsvKernels = typeof import('./csv/machine.ts');

/** Loads the kernels that read CSV; their definition is `scanRows`, and what the runtime says of cells. */
export const loadCsvKernels = (): Promise<CsvKernels> => import('./csv/machine.ts');
