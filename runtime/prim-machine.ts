/**
 * Primitives in machine form: their kernels, compiled when they are first launched, over the memory and the device of an
 * execution.
 */

import { InternalError, type PrimSpec, type SinkName, scalarBytes, spanAsync, type Value } from '../compiler/index.ts';
import {
  type HostWork,
  KERNELS,
  Learning,
  MACHINE_FORMS,
  type Machine,
  type MachineForm,
  type MachineLaunch,
} from '../kernels/index.ts';
import type { Arena } from './arena.ts';
import type { BufferArg, Device, DeviceProgram, LaunchReport } from './device.ts';
import type { Lane } from './profile/recorder.ts';

type Kernel = Parameters<Machine['launch']>[0];

/** The compiled kernels of the primitives of one device. */
export class PrimCode {
  readonly #device: Device;
  readonly #sink: SinkName;
  readonly #forms = new Map<string, Promise<MachineForm>>();
  readonly #programs = new Map<Kernel, Promise<DeviceProgram>>();
  readonly tuning = new Learning(() => performance.now());

  constructor(device: Device, sink: SinkName) {
    this.#device = device;
    this.#sink = sink;
  }

  /** The machine form of a primitive of `kernels/`, or null. */
  async form(prim: PrimSpec): Promise<MachineForm | null> {
    const load = KERNELS.get(prim.name) === prim ? MACHINE_FORMS.get(prim.name) : undefined;
    if (load === undefined) return null;
    const form = this.#forms.get(prim.name) ?? load();
    this.#forms.set(prim.name, form);
    return form;
  }

  program(kernel: Kernel): Promise<DeviceProgram> {
    const program = this.#programs.get(kernel) ?? this.#compile(kernel);
    this.#programs.set(kernel, program);
    return program;
  }
  async #compile(kernel: Kernel): Promise<DeviceProgram> {
    const { compileKernels } = await import('../compiler/kernels.ts');
    return this.#device.prepare(await compileKernels([kernel], { sink: this.#sink, memory64: this.#device.memory64 }));
  }
}

/** What a primitive runs on in an execution. */
export interface PrimScope {
  readonly arena: Arena;
  readonly code: PrimCode;
  readonly threads: number;
  readonly signal: AbortSignal | null;
  /** Is told what the threads do. */
  readonly lane: Lane | null;
  /** Is told of rows that kernels leave to the host. */
  readonly onHost: (work: HostWork) => void;
}

/** How launches are run. */
type Running = Pick<PrimScope, 'threads' | 'signal' | 'lane' | 'onHost'>;

/** A machine of the memory of `alloc`, which is the device's. */
export function machineOf(device: Device, code: PrimCode, alloc: Machine['alloc'], running: Running): Machine {
  const { threads, signal, lane, onHost } = running;
  const launch = async (kernel: Kernel, { rows, rowsPerPart, bufs, scalars = [] }: MachineLaunch) => {
    if (rows === 0) return NOTHING;
    const buffers = kernel.bufs.map((param, k): BufferArg => {
      const given = bufs[k];
      if (given === undefined) throw new InternalError(`${kernel.name}: no buffer ${param.name}`);
      const column = 'copies' in given ? given.copies : given;
      const stride = 'copies' in given ? given.length * scalarBytes(param.elem) : 0;
      return { mem: device.upload(param.elem, column), stride };
    });
    const program = await spanAsync(lane, 'compile', kernel.name, () => code.program(kernel));
    return device.launch({ program, kernel, rows, rowsPerPart, buffers, scalars, threads, signal, lane });
  };
  return { alloc, threads, fewestRows: FEWEST_ROWS, tuning: code.tuning, launch, onHost };
}

/** The value of a primitive for arguments of its types. */
export async function callForm(form: MachineForm, args: readonly Value[], scope: PrimScope): Promise<Value> {
  const { arena, code } = scope;
  const here = await Promise.all(args.map((arg) => onDevice(arena.device, arg)));
  return form(here, machineOf(arena.device, code, arena.allocator, scope));
}

/**
 * A column of an argument in the memory of the device. Forms take views of columns, and each view of one elsewhere would be
 * copied at every launch; of the column itself a copy is made once.
 */
async function onDevice(device: Device, arg: Value): Promise<Value> {
  if (typeof arg !== 'object' || arg.kind !== 'vec' || arg.elem.kind !== 'scalar') return arg;
  const [column] = arg.cols;
  if (column === undefined || device.owner(column) !== null) return arg;
  return { ...arg, cols: [await device.read(device.upload(arg.elem.scalar, column))] };
}

/** At some nanoseconds a row this is time enough to wake a thread for. */
const FEWEST_ROWS = 1 << 15;

const NOTHING: LaunchReport = { parts: 0, failure: null, cell: () => 0, first: () => 0, count: () => 0 };
