/** What the kernels do with four floats at once. */

export const FLOAT: i32 = 4; // bytes
export const VECTOR: i32 = 4; // floats

/** x * y + z; rounded once where the processor can, which the "relaxed" build asks for, and twice elsewhere. */
export function multiplyAdd(x: v128, y: v128, z: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, z) : f32x4.add(f32x4.mul(x, y), z);
}

/** The sum of the four. */
export function sum(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** Four floats, or the first `count` of them and zeros: nothing beyond them is read. */
export function take(from: usize, count: i32): v128 {
  if (count >= VECTOR) return v128.load(from);
  let x = v128.load32_zero(from);
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(from, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(from, 8));
  return x;
}

/** Write four floats, or only the first `count` of them. */
export function put(to: usize, x: v128, count: i32): void {
  if (count >= VECTOR) return v128.store(to, x);
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

// A smaller power of e is lost beside 1, and products with it become denormal numbers, which processors are slow at.
const LOWEST: f32 = -60;
const HIGHEST: f32 = 88; // just below the largest float

/**
 * e to the power of each, to about one unit in the last place; 0 up to LOWEST, no more than at HIGHEST, NaN for NaN.
 * Source: the Cephes library's expf (Moshier 1992): the power of two is taken out, a polynomial does the rest.
 */
export function exp(x: v128): v128 {
  const lost = f32x4.le(x, f32x4.splat(LOWEST));
  x = f32x4.min(f32x4.max(x, f32x4.splat(LOWEST)), f32x4.splat(HIGHEST));
  const power = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)));
  let r = multiplyAdd(power, f32x4.splat(-0.693359375), x);
  r = multiplyAdd(power, f32x4.splat(2.1219444e-4), r);
  let y = f32x4.splat(1.98756915e-4);
  y = multiplyAdd(y, r, f32x4.splat(1.3981999507e-3));
  y = multiplyAdd(y, r, f32x4.splat(8.3334519073e-3));
  y = multiplyAdd(y, r, f32x4.splat(4.1665795894e-2));
  y = multiplyAdd(y, r, f32x4.splat(1.6666665459e-1));
  y = multiplyAdd(y, r, f32x4.splat(5.0000001201e-1));
  y = multiplyAdd(f32x4.mul(y, r), r, f32x4.add(r, f32x4.splat(1)));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(power), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(y, exponent), lost);
}
