/** Where a traceback speaks of lines of the page's cells. */

/** A piece of the text; with `cell` and `line` where it names a line of a cell. */
export interface TracebackPiece {
  text: string;
  cell?: string;
  line?: number;
}

const PLACE = /File "<cell ([^<>"\n]+)>", line (\d+)/g;

/** The whole text in pieces, in order. */
export function splitTraceback(text: string): TracebackPiece[] {
  const pieces: TracebackPiece[] = [];
  let end = 0;
  for (const found of text.matchAll(PLACE)) {
    if (found.index > end) pieces.push({ text: text.slice(end, found.index) });
    pieces.push({ text: found[0], cell: found[1] ?? "", line: Number(found[2]) });
    end = found.index + found[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}
