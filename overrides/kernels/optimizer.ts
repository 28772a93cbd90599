/** The inner part of labs/core/training/optimizer.py, in one pass. */

import { multiplyAdd, put, take, VECTOR } from "./vectors";

/** Move both averages of Adam towards the gradient and its square, and write the step that they make. */
export function adam(
  size: i32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  rate: f32,
  grad: usize,
  first: usize,
  second: usize,
  step: usize,
): void {
  const keep1 = f32x4.splat(beta1);
  const add1 = f32x4.splat(1 - beta1);
  const keep2 = f32x4.splat(beta2);
  const add2 = f32x4.splat(1 - beta2);
  for (let i = 0; i < size; i += VECTOR) {
    const count = size - i;
    const g = take(grad, count);
    const m = multiplyAdd(keep1, take(first, count), f32x4.mul(add1, g));
    const v = multiplyAdd(keep2, take(second, count), f32x4.mul(add2, f32x4.mul(g, g)));
    put(first, m, count);
    put(second, v, count);
    const root = f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon));
    put(step, f32x4.mul(f32x4.div(m, root), f32x4.splat(rate)), count);
    grad += 16;
    first += 16;
    second += 16;
    step += 16;
  }
}
