/**
 * A WebGPU device without a GPU, for tests of emitted shaders: Dawn's null backend parses and validates WGSL and
 * builds pipelines on every machine, but runs nothing.
 *
 * The object that `create` gives must stay reachable while its device is in use, hence the module-level variable.
 */

/** Bits of GPUShaderStage.COMPUTE; the global itself exists in browsers only. */
const COMPUTE = 4;

let gpu: GPU | null = null;

/** A device with the default limits of the specification. */
export async function openNullDevice(): Promise<GPUDevice> {
  const { create } = await import('webgpu');
  gpu ??= create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('the null backend of Dawn gave no adapter');
  return adapter.requestDevice();
}

/** What a shader check needs to know of a module; a `WgslModule` fits. */
export interface ShaderModule {
  readonly code: string;
  readonly bindings: readonly { readonly binding: number; readonly type: GPUBufferBindingType }[];
  readonly entries: readonly { readonly name: string }[];
}

/**
 * Compiles a module and the pipeline of every entry with an explicit layout made from its bindings. Gives what the
 * device has to say, an empty list when all is well.
 */
export async function checkShader(device: GPUDevice, shader: ShaderModule): Promise<readonly string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: shader.code });
  const bindGroupLayout = device.createBindGroupLayout({
    entries: shader.bindings.map(({ binding, type }) => ({ binding, visibility: COMPUTE, buffer: { type } })),
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] });
  for (const { name } of shader.entries) {
    device.createComputePipeline({ layout, compute: { module, entryPoint: name } });
  }
  const error = await device.popErrorScope();
  const info = await module.getCompilationInfo();
  const messages = info.messages.map((m) => `${m.type} ${m.lineNum}:${m.linePos} ${m.message}`);
  return error === null ? messages : [...messages, error.message];
}
