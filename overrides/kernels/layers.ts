/** The layers of labs/core/model/layers.py and attention.py that cost the page most, each in one pass. */

import { exp, FLOAT, multiplyAdd, put, sum, take, VECTOR } from "./vectors";

/** silu(gate) * up, and the sigmoid of the gate, which the gradient needs; all of `size` floats. */
export function swiglu(size: i32, gate: usize, up: usize, sigmoid: usize, y: usize): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < size; i += VECTOR) {
    const count = size - i;
    const x = take(gate, count);
    const s = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
    put(sigmoid, s, count);
    put(y, f32x4.mul(f32x4.mul(x, s), take(up, count)), count);
    gate += 16;
    up += 16;
    sigmoid += 16;
    y += 16;
  }
}

/** The gradients of `swiglu`: dgate = dy * up * silu'(gate), dup = dy * silu(gate). */
export function swigluBackward(
  size: i32,
  dy: usize,
  gate: usize,
  up: usize,
  sigmoid: usize,
  dgate: usize,
  dup: usize,
): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < size; i += VECTOR) {
    const count = size - i;
    const d = take(dy, count);
    const s = take(sigmoid, count);
    const silu = f32x4.mul(take(gate, count), s);
    const slope = multiplyAdd(silu, f32x4.sub(one, s), s);
    put(dgate, f32x4.mul(f32x4.mul(slope, take(up, count)), d), count);
    put(dup, f32x4.mul(silu, d), count);
    dy += 16;
    gate += 16;
    up += 16;
    sigmoid += 16;
    dgate += 16;
    dup += 16;
  }
}

/** Each of `rows` rows of `width` floats at root mean square 1, and that times the gain; `inverse` gets 1 / rms. */
export function rmsNorm(
  rows: i32,
  width: i32,
  epsilon: f32,
  x: usize,
  gain: usize,
  inverse: usize,
  normed: usize,
  y: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let squares = f32x4.splat(0);
    for (let i = 0; i < width; i += VECTOR) {
      const v = take(x + i * FLOAT, width - i);
      squares = multiplyAdd(v, v, squares);
    }
    const scale = <f32>1 / sqrt<f32>(sum(squares) / <f32>width + epsilon);
    store<f32>(inverse, scale);
    inverse += FLOAT;
    const scales = f32x4.splat(scale);
    for (let i = 0; i < width; i += VECTOR) {
      const count = width - i;
      const v = f32x4.mul(take(x + i * FLOAT, count), scales);
      put(normed + i * FLOAT, v, count);
      put(y + i * FLOAT, f32x4.mul(v, take(gain + i * FLOAT, count)), count);
    }
    x += width * FLOAT;
    normed += width * FLOAT;
    y += width * FLOAT;
  }
}

/** The gradients of `rmsNorm`; that of the gain is added to what `dgain` holds. */
export function rmsNormBackward(
  rows: i32,
  width: i32,
  dy: usize,
  gain: usize,
  inverse: usize,
  normed: usize,
  dx: usize,
  dgain: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let products = f32x4.splat(0);
    for (let i = 0; i < width; i += VECTOR) {
      const count = width - i;
      const at = i * FLOAT;
      const product = f32x4.mul(take(dy + at, count), take(normed + at, count));
      put(dgain + at, f32x4.add(take(dgain + at, count), product), count);
      products = multiplyAdd(product, take(gain + at, count), products);
    }
    const along = f32x4.splat(-sum(products) / <f32>width);
    const scale = f32x4.splat(load<f32>(inverse));
    inverse += FLOAT;
    for (let i = 0; i < width; i += VECTOR) {
      const count = width - i;
      const at = i * FLOAT;
      const d = f32x4.mul(take(dy + at, count), take(gain + at, count));
      put(dx + at, f32x4.mul(multiplyAdd(take(normed + at, count), along, d), scale), count);
    }
    dy += width * FLOAT;
    normed += width * FLOAT;
    dx += width * FLOAT;
  }
}

/**
 * Softmax down the columns of scores (planes, length, group * length), in place, over the keys up to the query's own.
 * Keys are down and queries across; column c is the query at position c % length.
 */
export function causalSoftmax(planes: i32, length: i32, group: i32, scores: usize): void {
  const width = group * length;
  const row = width * FLOAT;
  const lowest = f32x4.splat(-Infinity);
  for (let plane = 0; plane < planes; plane++) {
    for (let column = 0; column < width; column += VECTOR) {
      const count = width - column;
      const top = scores + column * FLOAT;
      const positions = i32x4(column % length, (column + 1) % length, (column + 2) % length, (column + 3) % length);
      // The last row that one of the four queries sees.
      const last = (column % length) + VECTOR > length ? length - 1 : min((column % length) + VECTOR - 1, length - 1);
      let largest = lowest;
      let at = top;
      for (let key = 0; key <= last; key++) {
        const seen = i32x4.le_s(i32x4.splat(key), positions);
        largest = f32x4.max(largest, v128.bitselect(take(at, count), lowest, seen));
        at += row;
      }
      let total = f32x4.splat(0);
      at = top;
      for (let key = 0; key <= last; key++) {
        const seen = i32x4.le_s(i32x4.splat(key), positions);
        const weight = v128.and(exp(f32x4.sub(take(at, count), largest)), seen);
        total = f32x4.add(total, weight);
        put(at, weight, count);
        at += row;
      }
      const share = f32x4.div(f32x4.splat(1), total);
      at = top;
      for (let key = 0; key <= last; key++) {
        put(at, f32x4.mul(take(at, count), share), count);
        at += row;
      }
      for (let key = last + 1; key < length; key++) {
        put(at, f32x4.splat(0), count);
        at += row;
      }
    }
    scores += length * row;
  }
}
