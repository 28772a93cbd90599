/** The page's kernels: functions on float32 numbers in Python's own memory, under the names that Python gives them. */

export {
  causalSoftmax as causal_softmax,
  exponentialRows as exponential_rows,
  rmsNorm as rms_norm,
  rmsNormBackward as rms_norm_backward,
  softmaxBackward as softmax_backward,
  swiglu,
  swigluBackward as swiglu_backward,
  turn,
} from "./layers";
export { matmul, scratchBytes as scratch_bytes } from "./matmul";
export { adam } from "./optimizer";
