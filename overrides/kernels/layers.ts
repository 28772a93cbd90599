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

/** The gradient through a softmax down columns (planes, length, width), in place: shares * (dshares - means). */
export function softmaxBackward(
  planes: i32,
  length: i32,
  width: i32,
  dshares: usize,
  shares: usize,
  means: usize,
): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < length; row++) {
      for (let i = 0; i < width; i += VECTOR) {
        const count = width - i;
        const at = i * FLOAT;
        const d = f32x4.sub(take(dshares + at, count), take(means + at, count));
        put(dshares + at, f32x4.mul(d, take(shares + at, count)), count);
      }
      dshares += width * FLOAT;
      shares += width * FLOAT;
    }
    means += width * FLOAT;
  }
}

/**
 * Turn the heads of X (batch, heads, length, width) by their positions: x * cos + (x with its halves exchanged) * sin.
 * X has these strides in bytes, its last axis no gaps; cos and sin are (length, width); y gets the result, without gaps.
 */
export function turn(
  batch: i32,
  heads: i32,
  length: i32,
  width: i32,
  x: usize,
  xBatch: i32,
  xHead: i32,
  xPosition: i32,
  cos: usize,
  sin: usize,
  y: usize,
): void {
  const half = width / 2;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < length; t++) {
        const from = x + b * xBatch + h * xHead + t * xPosition;
        const at = t * width * FLOAT;
        turnHalf(half, from, from + half * FLOAT, cos + at, sin + at, y);
        turnHalf(half, from + half * FLOAT, from, cos + at + half * FLOAT, sin + at + half * FLOAT, y + half * FLOAT);
        y += width * FLOAT;
      }
    }
  }
}

function turnHalf(size: i32, own: usize, other: usize, cos: usize, sin: usize, y: usize): void {
  for (let i = 0; i < size; i += VECTOR) {
    const count = size - i;
    const at = i * FLOAT;
    const turned = f32x4.mul(take(other + at, count), take(sin + at, count));
    put(y + at, multiplyAdd(take(own + at, count), take(cos + at, count), turned), count);
  }
}

/** Each of `rows` rows of `width` floats less its largest, to the power of e; the largest ones, and the rows' sums. */
export function exponentialRows(rows: i32, width: i32, x: usize, y: usize, largests: usize, sums: usize): void {
  const whole = width - (width % VECTOR);
  for (let row = 0; row < rows; row++) {
    let four = f32x4.splat(load<f32>(x));
    for (let i = 0; i < whole; i += VECTOR) four = f32x4.max(four, v128.load(x + i * FLOAT));
    let largest = max(max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)), f32x4.extract_lane(four, 2));
    largest = max(largest, f32x4.extract_lane(four, 3));
    for (let i = whole; i < width; i++) largest = max(largest, load<f32>(x + i * FLOAT));
    const shift = f32x4.splat(largest);
    let total = f32x4.splat(0);
    for (let i = 0; i < whole; i += VECTOR) {
      const power = exp(f32x4.sub(v128.load(x + i * FLOAT), shift));
      v128.store(y + i * FLOAT, power);
      total = f32x4.add(total, power);
    }
    let all = sum(total);
    if (whole < width) {
      const rest = exp(f32x4.sub(take(x + whole * FLOAT, width - whole), shift));
      put(y + whole * FLOAT, rest, width - whole);
      for (let i = whole; i < width; i++) all += load<f32>(y + i * FLOAT);
    }
    store<f32>(largests, largest);
    store<f32>(sums, all);
    largests += FLOAT;
    sums += FLOAT;
    x += width * FLOAT;
    y += width * FLOAT;
  }
}
