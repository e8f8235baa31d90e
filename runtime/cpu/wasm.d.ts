/**
 * The part of the WebAssembly JavaScript API that the CPU device uses. Node has it, but its types come with the DOM
 * library, which this project does not load: its thousands of global names would hide mistakes.
 */

declare namespace WebAssembly {
  /** In pages of 64 KiB. */
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }
  /** A memory of 64-bit addresses, on engines that have them. */
  interface Memory64Descriptor {
    readonly address: 'i64';
    readonly initial: bigint;
    readonly maximum: bigint;
    readonly shared: boolean;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor | Memory64Descriptor);
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    /** Adds pages of 64 KiB: a bigint where addresses have 64 bits. */
    grow(delta: number | bigint): number | bigint;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { readonly name: string; readonly kind: string }[];
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[];
  }
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
  function validate(bytes: Uint8Array): boolean;
}
