/** Random texts that come out the same in every run. */

/** Numbers in [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const AWKWARD = [
  "\0",
  "\n",
  "\r\n",
  "\t",
  '"',
  "\\",
  "😀",
  "é",
  "\ud800",
  "\udc00",
  "\u2028",
  "\ufeff",
  "</script>",
  "__proto__",
];

/** A text of up to `pieces` letters and awkward pieces. */
export function randomText(random: () => number, pieces: number): string {
  let text = "";
  for (let left = Math.floor(random() * pieces); left > 0; left--) {
    const awkward = AWKWARD[Math.floor(random() * AWKWARD.length)] ?? "";
    text += random() < 0.3 ? awkward : String.fromCharCode(32 + Math.floor(random() * 95));
  }
  return text;
}
