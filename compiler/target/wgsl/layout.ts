/**
 * The launch ABI of a WGSL module: bindings, the parameter block and the state buffer.
 *
 * Group 0, binding 0 is the uniform parameter block. Then come the kernel's buffers as `array<u32>`, one binding
 * each while they fit in the device's storage bindings; when they do not, the read-only buffers share one arena,
 * and if need be the plainly written ones another. Either way a buffer has a base (in words) and a length (in
 * elements) in the parameters, so shaders do not differ; what reads and what writes never share a binding.
 *
 * The last binding, `state`, is an `array<atomic<u32>>` of what a launch reports, in words:
 *
 *     0                8 status words: word c is the first row that failed with code c, 0xffffffff if none did.
 *                      The host fills them before the launch; the smallest row is the failure of the launch.
 *     cells            2 a reduction: its value over all rows, low word first (written by `combine`)
 *     totals           1 a cursor: how many rows it pushed (written by `scan`)
 *     groups           for each workgroup its cells, then one word a cursor: its count, later its first place
 */

import { scalarBytes } from '../../core/types.ts';
import { InternalError, invariant } from '../../diag/diagnostic.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { walkStmts } from '../../sir/shape.ts';
import { type DeviceKind, deviceKind, KINDS, type KindInfo, LIMITS, type Refusal, refuse } from './info.ts';
import type { Namer } from './names.ts';
import type { Role } from './sharing.ts';

export const STATUS_WORDS = 8;
export const NO_FAILURE = 0xffffffff;

/** One entry of the bind group layout. `bufs` are the kernel's buffers in it, in the order of their bases. */
export interface Binding {
  readonly binding: number;
  readonly name: string;
  readonly type: 'uniform' | 'read-only-storage' | 'storage';
  readonly holds: 'params' | 'buffers' | 'state';
  readonly element: 'u32' | 'atomic<u32>' | 'atomic<i32>';
  readonly bufs: readonly number[];
}

/** Where a kernel buffer is. */
export interface BufferPlace {
  readonly binding: number;
  /** The variable, shared by the buffers of an arena. */
  readonly name: string;
  readonly kind: DeviceKind;
  readonly role: Role;
  readonly base: string;
  readonly length: string;
}

export type ParamSource =
  /** Rows; workgroups; rows of a workgroup (compacting kernels); the number zero, unknown to the shader compiler. */
  | { readonly of: 'n' | 'groups' | 'rowsPerGroup' | 'zero' }
  | { readonly of: 'base' | 'length'; readonly buf: number }
  | { readonly of: 'scalar'; readonly scalar: number };

export interface ParamField {
  readonly name: string;
  readonly type: KindInfo['param'];
  /** Byte offset. */
  readonly offset: number;
  readonly source: ParamSource;
}

export interface StateLayout {
  readonly binding: number;
  readonly cells: number;
  readonly totals: number;
  readonly groups: number;
  /** Words of one workgroup. */
  readonly groupWords: number;
}

export interface Layout {
  readonly ok: true;
  readonly bindings: readonly Binding[];
  readonly buffers: readonly BufferPlace[];
  readonly params: { readonly size: number; readonly fields: readonly ParamField[] };
  readonly state: StateLayout | null;
}

/** Places everything, or refuses when the device has too few bindings. */
export function layoutOf(
  kernel: Kernel,
  roles: readonly Role[],
  names: Namer,
  storageBuffers: number,
): Layout | Refusal {
  const state = stateWords(kernel);
  const groups = groupBuffers(roles, storageBuffers - (state === null ? 0 : 1));
  if (groups === null) {
    const message = `kernel ${kernel.name} needs more than the ${storageBuffers} storage buffers of the device`;
    return refuse('LIMIT_BINDINGS', message);
  }
  const bindings: Binding[] = [
    { binding: 0, name: 'params', type: 'uniform', holds: 'params', element: 'u32', bufs: [] },
  ];
  for (const bufs of groups) {
    const [first] = bufs;
    const role = first === undefined ? 'input' : (roles[first] ?? 'input');
    const only = bufs.length === 1 ? kernel.bufs[first ?? 0]?.name : undefined;
    bindings.push({
      binding: bindings.length,
      name: only === undefined ? `${role}s` : names.fresh(`b_${only}`),
      type: role === 'input' ? 'read-only-storage' : 'storage',
      holds: 'buffers',
      element: elementOf(kernel, role, first ?? 0),
      bufs,
    });
  }
  const buffers = kernel.bufs.map((param, buf): BufferPlace => {
    const home = bindings.find((b) => b.bufs.includes(buf));
    if (home === undefined) throw new InternalError(`wgsl: buffer ${param.name} has no binding`);
    return {
      binding: home.binding,
      name: home.name,
      kind: deviceKind(param.elem),
      role: roles[buf] ?? 'input',
      base: names.fresh(`base_${param.name}`),
      length: names.fresh(`len_${param.name}`),
    };
  });
  const last = bindings.length;
  if (state !== null) {
    const element = 'atomic<u32>';
    bindings.push({ binding: last, name: 'state', type: 'storage', holds: 'state', element, bufs: [] });
  }
  const params = paramFields(kernel, buffers, names);
  if (params.size > LIMITS.uniformBytes) {
    return refuse('LIMIT_MEMORY', `kernel ${kernel.name} has ${params.size} bytes of parameters`);
  }
  return { ok: true, bindings, buffers, params, state: state === null ? null : { binding: last, ...state } };
}

/** Which buffers share a binding: as few arenas as the room asks for. */
function groupBuffers(roles: readonly Role[], room: number): readonly (readonly number[])[] | null {
  const all = [...roles.keys()];
  const alone = all.map((buf) => [buf]);
  if (alone.length <= room) return alone;
  const gather = (roleOfArena: Role, groups: readonly (readonly number[])[]): readonly (readonly number[])[] => {
    const arena = all.filter((buf) => roles[buf] === roleOfArena);
    const rest = groups.filter(([buf]) => buf === undefined || roles[buf] !== roleOfArena);
    return arena.length === 0 ? rest : [arena, ...rest];
  };
  const inputs = gather('input', alone);
  if (inputs.length <= room) return inputs;
  const both = gather('output', inputs);
  return both.length <= room ? both : null;
}

/** Signed tables have signed words, for `atomicMin` and `atomicMax`. */
function elementOf(kernel: Kernel, role: Role, buf: number): Binding['element'] {
  if (role === 'table') return kernel.bufs[buf]?.elem === 'i32' ? 'atomic<i32>' : 'atomic<u32>';
  return role === 'shared' ? 'atomic<u32>' : 'u32';
}

/** The state layout of a kernel, or null when it reports nothing. */
function stateWords(kernel: Kernel): Omit<StateLayout, 'binding'> | null {
  let fails = false;
  walkStmts(kernel.body, (s) => {
    fails ||= s.s === 'fail';
  });
  const cells = 2 * kernel.reductions.length;
  if (!fails && cells + kernel.cursors === 0) return null;
  const totals = STATUS_WORDS + cells;
  return { cells: STATUS_WORDS, totals, groups: totals + kernel.cursors, groupWords: cells + kernel.cursors };
}

function paramFields(kernel: Kernel, buffers: readonly BufferPlace[], names: Namer): Layout['params'] {
  const fields: ParamField[] = [];
  let end = 0;
  const add = (name: string, type: ParamField['type'], source: ParamSource): void => {
    const size = type === 'vec2<u32>' ? 8 : 4;
    const offset = Math.ceil(end / size) * size;
    fields.push({ name, type, offset, source });
    end = offset + size;
  };
  add('n', 'u32', { of: 'n' });
  add('groups', 'u32', { of: 'groups' });
  add('rows_per_group', 'u32', { of: 'rowsPerGroup' });
  add('zero', 'u32', { of: 'zero' });
  for (const [buf, place] of buffers.entries()) {
    add(place.base, 'u32', { of: 'base', buf });
    add(place.length, 'u32', { of: 'length', buf });
  }
  for (const [scalar, param] of kernel.scalars.entries()) {
    add(names.fresh(`s_${param.name}`), KINDS[deviceKind(param.kind)].param, { of: 'scalar', scalar });
  }
  return { size: Math.ceil(end / 16) * 16, fields };
}

// ---- for the host ------------------------------------------------------------------------------------------------

/** How many words a launch's state buffer has. */
export const stateSize = (state: StateLayout, groups: number): number => state.groups + groups * state.groupWords;

/** How many 32-bit words `length` elements of a kind take. */
export const wordsOf = (kind: DeviceKind, length: number): number => Math.ceil((length * scalarBytes(kind)) / 4);

/** The workgroups of a launch: a function of n alone, so that results do not depend on the device. */
export interface Grid {
  readonly groups: number;
  readonly rowsPerGroup: number;
}

export const MAX_GROUPS = 4096;

export function gridOf(n: number, workgroupSize: number, rowsPerStep = 1): Grid {
  const tile = workgroupSize * rowsPerStep;
  const groups = Math.min(Math.max(Math.ceil(n / tile), 1), MAX_GROUPS);
  return { groups, rowsPerGroup: Math.ceil(Math.ceil(n / groups) / workgroupSize) * workgroupSize };
}

export interface LaunchValues {
  readonly n: number;
  readonly grid: Grid;
  /** By buffer number: the base in its binding in words, and the length in elements. */
  readonly bufs: readonly { readonly base: number; readonly length: number }[];
  /** By scalar parameter, in Core's JavaScript encoding. */
  readonly scalars: readonly (number | bigint | boolean)[];
}

/** The bytes of the parameter block. */
export function packParams(params: Layout['params'], values: LaunchValues): Uint8Array {
  const bytes = new Uint8Array(params.size);
  const view = new DataView(bytes.buffer);
  for (const { type: fieldType, offset, source } of params.fields) {
    const value = paramValue(source, values);
    switch (fieldType) {
      case 'f32':
        view.setFloat32(offset, Number(value), true);
        break;
      case 'vec2<u32>':
        view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
        break;
      case 'i32':
      case 'u32':
        view.setUint32(offset, Number(value), true);
        break;
      default:
        fieldType satisfies never;
    }
  }
  return bytes;
}

function paramValue(source: ParamSource, values: LaunchValues): number | bigint | boolean {
  switch (source.of) {
    case 'n':
      return values.n;
    case 'groups':
    case 'rowsPerGroup':
      return values.grid[source.of];
    case 'zero':
      return 0;
    case 'base':
    case 'length': {
      const buf = values.bufs[source.buf];
      invariant(buf !== undefined, () => `wgsl: no value for buffer ${source.buf}`);
      return buf[source.of];
    }
    case 'scalar': {
      const value = values.scalars[source.scalar];
      invariant(value !== undefined, () => `wgsl: no value for scalar ${source.scalar}`);
      return value;
    }
    default:
      return source satisfies never;
  }
}
