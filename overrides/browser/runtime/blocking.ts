/** Downloads that Python waits for: it asks for them in the middle of a run. */

import { type Expected, noAnswer, noSuccess, wrongLength } from "./download";
import type { BootFailure } from "./messages";

export const RETRY = "Check your connection and run this again.";

/** What asks; tests put another in its place. */
export type NewRequest = () => XMLHttpRequest;

/** Ask for a file and wait; only a worker may. With `fresh` past the browser's cache: a bad copy may lie there. */
export function fetchNow(
  file: Expected,
  fresh: boolean,
  newRequest: NewRequest,
): Uint8Array<ArrayBuffer> | BootFailure {
  const sent = newRequest();
  try {
    sent.open("GET", fresh ? `${file.url}?${Date.now()}` : file.url, false);
    sent.responseType = "arraybuffer";
    sent.send();
  } catch {
    return noAnswer(file);
  }
  if (sent.status !== 200) return noSuccess(file, sent.status);
  const bytes = new Uint8Array(sent.response as ArrayBuffer);
  return bytes.byteLength === file.size ? bytes : wrongLength(file, bytes.byteLength);
}

/** A failure and what to do, for the reader. */
export function advice({ what, why }: BootFailure): string {
  return `${what} ${why} ${RETRY}`;
}
