/** The page's kernels: functions on float32 numbers in Python's own memory, which labs/core/kernels.py calls. */

export {
  causalSoftmax,
  exponentialRows,
  rmsNorm,
  rmsNormBackward,
  softmaxBackward,
  swiglu,
  swigluBackward,
  turn,
} from "./layers";
export { matmul, scratchBytes } from "./matmul";
export { adam } from "./optimizer";
