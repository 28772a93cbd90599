/** The labs' folders: each is an archive, fetched from the site when Python first imports something of that lab. */

import type { LabArchive } from "../build";
import { type Files, placeArchive } from "./archive";
import { advice, fetchNow, type NewRequest } from "./blocking";
import { damaged } from "./download";

/**
 * What Python calls with a lab's name, and with a function for the SHA-256 of bytes, in base64, since a browser's own
 * can't be waited for: an empty text once the lab is in its place, or a text that says why it could not be had.
 */
export type LabPlacer = (slug: string, hash: (bytes: Uint8Array) => string) => string;

/**
 * A placer of these labs in a folder of Python's file system. `onNote` gets what the reader is told while Python waits,
 * then an empty text. A lab that failed is asked for past the browser's cache the next time: a bad copy may lie there.
 */
export function labPlacer(
  labs: Record<string, LabArchive>,
  files: Files,
  folder: string,
  onNote: (text: string) => void,
  newRequest: NewRequest = () => new XMLHttpRequest(),
): LabPlacer {
  const failed = new Set<string>();
  return (slug, hash) => {
    const lab = labs[slug];
    if (lab === undefined) throw new Error(`The build knows no lab ${slug}.`);
    const file = { url: lab.url, size: lab.size, type: "application/zip" };
    onNote(`Loading the lab ${slug}…`);
    const answer = fetchNow(file, failed.has(slug), newRequest);
    onNote("");
    failed.add(slug);
    if (!(answer instanceof Uint8Array)) return advice(answer);
    if (hash(answer) !== lab.sha256) return advice(damaged(file));
    placeArchive(files, answer, folder);
    return "";
  };
}
