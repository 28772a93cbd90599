/** The trained models' weights: fetched from the site when a lab first asks for a model. Python waits for them. */

import type { Checkpoints } from "../build";
import { advice, fetchNow, type NewRequest } from "./blocking";

/** What Python calls with a file's name: its bytes, or a text that says why it can't have them. */
export type CheckpointFetcher = (name: string) => Uint8Array | string;

/**
 * A fetcher of these checkpoints. `onNote` gets what the reader is told while Python waits, then an empty text.
 * A file that failed is asked for past the browser's cache the next time: a bad copy may lie there.
 */
export function checkpointFetcher(
  checkpoints: Checkpoints,
  onNote: (text: string) => void,
  newRequest: NewRequest = () => new XMLHttpRequest(),
): CheckpointFetcher {
  const failed = new Set<string>();
  return (name) => {
    const size = checkpoints.files[name];
    if (size === undefined) {
      return `The file ${name} is not part of this site: run \`python -m labs train\` and build the site again.`;
    }
    const file = { url: `${checkpoints.url}${name}`, size, type: "application/octet-stream" };
    onNote(`Loading the model ${name.replace(/\.npz$/, "")}, ${(size / 1e6).toFixed(1)} MB…`);
    const answer = fetchNow(file, failed.has(name), newRequest);
    onNote("");
    if (answer instanceof Uint8Array) {
      failed.delete(name);
      return answer;
    }
    failed.add(name);
    return advice(answer);
  };
}
