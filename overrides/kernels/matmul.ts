/**
 * C = A @ B for float32 matrices that lie anywhere in Python's memory, with any strides.
 *
 * The work is done in tiles of C that fit into the processor's registers: 6 rows of 8 columns are 12 vectors of four
 * floats, and with two vectors of B and one number of A they fill 15 of the 16 registers that x86 has. Rows of A are
 * packed so that a tile reads them one after the other; columns of B are read in place where a row's numbers are
 * neighbours, and packed where they are not. Long sums are cut in parts, so that what is packed stays in the cache.
 * Source: Goto & van de Geijn 2008, for the order of the loops.
 */

import { FLOAT, multiplyAdd, VECTOR } from "./vectors";

const ROWS: i32 = 6;
const COLUMNS: i32 = 8;
const DEPTH: i32 = 256; // terms of a sum that are worked on at once
const PANEL_ROW: i32 = COLUMNS * FLOAT;

/** Bytes that `matmul` needs to work in: packed rows of A, one tile, and packed panels of B for n columns. */
export function scratchBytes(n: i32): i32 {
  return (DEPTH * ROWS + ROWS * COLUMNS + DEPTH * (n + COLUMNS)) * FLOAT;
}

/**
 * C[i, j] = A[i, j] @ B[i, j] for i below `outer` and j below `inner`.
 *
 * A is (outer, inner, m, k), B (outer, inner, k, n), C (outer, inner, m, n) without gaps. `a`, `b` and `c` are the
 * addresses of their first numbers, the names beside them their strides in bytes.
 */
export function matmul(
  outer: i32,
  inner: i32,
  m: i32,
  k: i32,
  n: i32,
  a: usize,
  aOuter: i32,
  aInner: i32,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bOuter: i32,
  bInner: i32,
  bRow: i32,
  bColumn: i32,
  c: usize,
  scratch: usize,
): void {
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      product(
        m,
        k,
        n,
        a + i * aOuter + j * aInner,
        aRow,
        aColumn,
        b + i * bOuter + j * bInner,
        bRow,
        bColumn,
        c + (i * inner + j) * m * n * FLOAT,
        scratch,
      );
    }
  }
}

function product(
  m: i32,
  k: i32,
  n: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  c: usize,
  scratch: usize,
): void {
  const rows = scratch;
  const tile = rows + DEPTH * ROWS * FLOAT;
  const panels = tile + ROWS * PANEL_ROW;
  const cRow = n * FLOAT;
  // Panels from here on are packed: all of them, or the last one if it is narrower.
  const packedFrom = bColumn === FLOAT ? n - (n % COLUMNS) : 0;
  if (k === 0) memory.fill(c, 0, m * cRow);
  for (let first = 0; first < k; first += DEPTH) {
    const depth = min(DEPTH, k - first);
    const bPart = b + first * bRow;
    for (let j = packedFrom; j < n; j += COLUMNS) {
      const to = panels + j * depth * FLOAT;
      packColumns(bPart + j * bColumn, bColumn, bRow, min(COLUMNS, n - j), depth, to);
    }
    for (let i = 0; i < m; i += ROWS) {
      const height = min(ROWS, m - i);
      packRows(a + i * aRow + first * aColumn, aRow, aColumn, height, depth, rows);
      for (let j = 0; j < n; j += COLUMNS) {
        const width = min(COLUMNS, n - j);
        const packed = j >= packedFrom;
        const panel = packed ? panels + j * depth * FLOAT : bPart + j * FLOAT;
        const panelRow = packed ? PANEL_ROW : bRow;
        const to = c + i * cRow + j * FLOAT;
        if (height === ROWS && width === COLUMNS) {
          multiplyTile(depth, rows, panel, panelRow, to, cRow, first > 0);
        } else {
          multiplyTile(depth, rows, panel, panelRow, tile, PANEL_ROW, false);
          copyTile(tile, height, width, to, cRow, first > 0);
        }
      }
    }
  }
}

/** Lay ROWS rows of A side by side: the first numbers of all, then the second ones, and so on. */
function packRows(from: usize, line: i32, step: i32, count: i32, depth: i32, to: usize): void {
  let p = 0;
  if (count === ROWS && step === FLOAT) {
    for (; p + VECTOR <= depth; p += VECTOR) {
      transpose(from, line, to, ROWS * FLOAT);
      transpose(from + 2 * line, line, to + 2 * FLOAT, ROWS * FLOAT); // rows 2 and 3 come twice, to the same place
      from += VECTOR * FLOAT;
      to += VECTOR * ROWS * FLOAT;
    }
  }
  if (count === ROWS && line === FLOAT) {
    for (; p < depth; p++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 8), 8);
      from += step;
      to += ROWS * FLOAT;
    }
  }
  packRest(from, line, step, count, ROWS, depth - p, to);
}

/** Lay COLUMNS columns of B side by side in the same way. */
function packColumns(from: usize, line: i32, step: i32, count: i32, depth: i32, to: usize): void {
  let p = 0;
  if (count === COLUMNS && step === FLOAT) {
    for (; p + VECTOR <= depth; p += VECTOR) {
      transpose(from, line, to, PANEL_ROW);
      transpose(from + 4 * line, line, to + 4 * FLOAT, PANEL_ROW);
      from += VECTOR * FLOAT;
      to += VECTOR * PANEL_ROW;
    }
  }
  packRest(from, line, step, count, COLUMNS, depth - p, to);
}

/** Four lines of four numbers, lines becoming columns: the first numbers of all to `to`, the next `gap` bytes on. */
function transpose(from: usize, line: i32, to: usize, gap: i32): void {
  const a = v128.load(from);
  const b = v128.load(from + line);
  const c = v128.load(from + 2 * line);
  const d = v128.load(from + 3 * line);
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab01, cd01, 0, 2));
  v128.store(to + gap, v128.shuffle<f64>(ab01, cd01, 1, 3));
  v128.store(to + 2 * gap, v128.shuffle<f64>(ab23, cd23, 0, 2));
  v128.store(to + 3 * gap, v128.shuffle<f64>(ab23, cd23, 1, 3));
}

/** One number after the other, with zeros in place of lines that are missing. */
function packRest(from: usize, line: i32, step: i32, count: i32, room: i32, depth: i32, to: usize): void {
  for (let p = 0; p < depth; p++) {
    for (let i = 0; i < room; i++) {
      store<f32>(to, i < count ? load<f32>(from + i * line) : 0);
      to += FLOAT;
    }
    from += step;
  }
}

/** A tile of C, or what is to be added to it: packed rows of A times a panel of B. */
function multiplyTile(depth: i32, a: usize, b: usize, bRow: i32, c: usize, cRow: i32, add: bool): void {
  const zero = f32x4.splat(0);
  let c00 = zero,
    c01 = zero;
  let c10 = zero,
    c11 = zero;
  let c20 = zero,
    c21 = zero;
  let c30 = zero,
    c31 = zero;
  let c40 = zero,
    c41 = zero;
  let c50 = zero,
    c51 = zero;
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    x = v128.load_splat<f32>(a, 16);
    c40 = multiplyAdd(x, b0, c40);
    c41 = multiplyAdd(x, b1, c41);
    x = v128.load_splat<f32>(a, 20);
    c50 = multiplyAdd(x, b0, c50);
    c51 = multiplyAdd(x, b1, c51);
    a += ROWS * FLOAT;
    b += bRow;
  }
  putRow(c, c00, c01, add);
  putRow(c + cRow, c10, c11, add);
  putRow(c + 2 * cRow, c20, c21, add);
  putRow(c + 3 * cRow, c30, c31, add);
  putRow(c + 4 * cRow, c40, c41, add);
  putRow(c + 5 * cRow, c50, c51, add);
}

function putRow(to: usize, left: v128, right: v128, add: bool): void {
  v128.store(to, add ? f32x4.add(v128.load(to), left) : left);
  v128.store(to, add ? f32x4.add(v128.load(to, 16), right) : right, 16);
}

function copyTile(tile: usize, height: i32, width: i32, c: usize, cRow: i32, add: bool): void {
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const from = tile + i * PANEL_ROW + j * FLOAT;
      const to = c + i * cRow + j * FLOAT;
      store<f32>(to, add ? load<f32>(to) + load<f32>(from) : load<f32>(from));
    }
  }
}
