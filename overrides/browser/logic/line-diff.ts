/** Two texts line by line: what both have, and what only one has. */

export interface DiffLine {
  kind: "both" | "first" | "second";
  text: string;
}

// Comparing costs the product of the two lengths; beyond this nobody reads the result line by line.
const MAX_PRODUCT = 4_000_000;

/** The shortest way from the first text to the second, by the longest lines that they share in order. */
export function diffLines(first: string, second: string): DiffLine[] {
  const [a, b] = [first.split("\n"), second.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const line = (kind: DiffLine["kind"]) => (text: string) => ({ kind, text });
  return [
    ...a.slice(0, start).map(line("both")),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(line("both")),
  ];
}

function middle(a: string[], b: string[]): DiffLine[] {
  const found: DiffLine[] = [];
  const shared = a.length * b.length > MAX_PRODUCT ? null : sharedLengths(a, b);
  const width = b.length + 1;
  const length = (i: number, j: number): number => shared?.[i * width + j] ?? 0;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (shared !== null && i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ kind: "both", text: a[i++] ?? "" });
      j++;
    } else if (i < a.length && (j === b.length || length(i + 1, j) >= length(i, j + 1))) {
      found.push({ kind: "first", text: a[i++] ?? "" });
    } else {
      found.push({ kind: "second", text: b[j++] ?? "" });
    }
  }
  return found;
}

/** How many lines the rest of `a` from i and the rest of `b` from j share, at i × (length of b + 1) + j. */
function sharedLengths(a: string[], b: string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [diagonal, below, right] = [
        lengths[(i + 1) * width + j + 1],
        lengths[(i + 1) * width + j],
        lengths[i * width + j + 1],
      ];
      lengths[i * width + j] = a[i] === b[j] ? (diagonal ?? 0) + 1 : Math.max(below ?? 0, right ?? 0);
    }
  }
  return lengths;
}
