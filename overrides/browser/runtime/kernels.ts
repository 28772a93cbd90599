/** The kernels: WebAssembly that computes in Python's own memory what NumPy is slow at in a browser. */

import plain from "kernels.wasm";
import relaxed from "kernels-relaxed.wasm";

export interface Kernels {
  /** The kernels' functions, or null if this browser can't run them. */
  exports: WebAssembly.Exports | null;
  /** What computes, as a sentence for the reader. */
  text: string;
}

export const NO_KERNELS = "NumPy computes everything here";

/** The best kernels that this browser can run, working in Python's memory. */
export async function loadKernels(memory: WebAssembly.Memory, builds = [relaxed, plain]): Promise<Kernels> {
  const bytes = builds.find((build) => WebAssembly.validate(build));
  if (bytes === undefined)
    return { exports: null, text: `${NO_KERNELS}: this browser's WebAssembly has no vectors (SIMD).` };
  try {
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    const fused = bytes === builds[0] ? ", multiplying and adding in one go where the processor can" : "";
    const text = `What models compute most is done by kernels of this site, on four numbers at a time${fused}.`;
    return { exports: instance.exports, text };
  } catch (error) {
    return { exports: null, text: `${NO_KERNELS}: this site's kernels could not be started. ${error}` };
  }
}
