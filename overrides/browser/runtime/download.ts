/**
 * Downloads of the runtime, watched: bytes are counted as they come, and a file of a wrong type or length is named at
 * once. Left alone, Pyodide would wait for ever on a WebAssembly file of the wrong type and say nothing.
 */

import type { RuntimeFile } from "../build";
import type { BootFailure } from "./messages";

export class DownloadError extends Error {
  readonly failure: BootFailure;
  constructor(failure: BootFailure) {
    super(`${failure.what} ${failure.why}`);
    this.failure = failure;
  }
}

const shortName = (url: string): string => new URL(url).pathname.split("/").pop() ?? url;

/** Why this answer can't be used for this file, or null if it can. */
export function badAnswer(file: RuntimeFile, response: Response): BootFailure | null {
  if (!response.ok) return noSuccess(file, response.status);
  const name = shortName(file.url);
  const what = `The file ${name} could not be used.`;
  const type = (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const scripts = ["text/javascript", "application/javascript"];
  const strict = file.type === "application/wasm" || file.type === "text/javascript";
  if (strict && type !== file.type && !(scripts.includes(type) && scripts.includes(file.type))) {
    const why = `The server sent it as “${type || "no type"}” where browsers insist on “${file.type}”.`;
    return { what, why, file: name };
  }
  return null;
}

/** What to say of a file for which the server sent only a status. */
export function noSuccess(file: RuntimeFile, status: number): BootFailure {
  const name = shortName(file.url);
  const what = `The file ${name} could not be used.`;
  return { what, why: `The server answered ${status} instead of sending it.`, file: name };
}

/** What to say of a file that ended early or went on too long. */
export function wrongLength(file: RuntimeFile, got: number): BootFailure {
  const name = shortName(file.url);
  return {
    what: `The file ${name} arrived incomplete.`,
    why: `${got.toLocaleString("en")} of ${file.size.toLocaleString("en")} bytes came.`,
    file: name,
  };
}

/** What to say of a file whose content has another hash than the one that the build has noted. */
function damaged(file: RuntimeFile): BootFailure {
  const name = shortName(file.url);
  return {
    what: `The file ${name} arrived damaged or incomplete.`,
    why: "Its content is not what this site was built with.",
    file: name,
  };
}

/** What to say when no answer came at all. */
export function noAnswer(file: RuntimeFile): BootFailure {
  const name = shortName(file.url);
  return { what: `The file ${name} could not be fetched.`, why: "The connection failed or was blocked.", file: name };
}

/**
 * A `fetch` for the worker that counts the bytes of the known files.
 * `onBytes` gets the number of bytes that came since the last call; `onFailure` the first thing that went wrong.
 * With `fresh` the browser's cache is passed over.
 */
export function countingFetch(
  files: RuntimeFile[],
  onBytes: (bytes: number) => void,
  onFailure: (failure: BootFailure) => void,
  fresh = false,
  realFetch: typeof fetch = fetch,
): typeof fetch {
  const known = new Map(files.map((file) => [file.url, file]));
  const fail = (failure: BootFailure): never => {
    onFailure(failure);
    throw new DownloadError(failure);
  };
  return async (input, init) => {
    const file = known.get(new URL(input instanceof Request ? input.url : String(input), location.href).href);
    if (file === undefined) return realFetch(input, init);
    const options = fresh ? { ...init, cache: "reload" as const } : init;
    const response = await realFetch(input, options).catch(async () =>
      fail(await whyRejected(file, options, realFetch)),
    );
    const failure = badAnswer(file, response);
    if (failure !== null) return fail(failure);
    if (response.body === null) return response;
    let got = 0;
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        got += chunk.byteLength;
        onBytes(chunk.byteLength);
        controller.enqueue(chunk);
      },
      flush() {
        if (got !== file.size) fail(wrongLength(file, got));
      },
    });
    const { status, statusText, headers } = response;

    return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
  };
}

/** A fetch with an integrity hash fails for bad answers and bad content alike: ask once more, without, to tell which. */
async function whyRejected(
  file: RuntimeFile,
  options: RequestInit | undefined,
  realFetch: typeof fetch,
): Promise<BootFailure> {
  const answer = await realFetch(file.url, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer === null) return noAnswer(file);
  return badAnswer(file, answer) ?? (options?.integrity ? damaged(file) : noAnswer(file));
}

/**
 * Look for the cause of a boot that failed without words: ask for each file and check the answer.
 * Returns null if every file is served as it should be.
 */
export async function diagnose(files: RuntimeFile[], signal: AbortSignal): Promise<BootFailure | null> {
  const checks = files.map(async (file) => {
    try {
      const response = await fetch(file.url, { method: "HEAD", signal });
      return badAnswer(file, response);
    } catch {
      return signal.aborted ? null : noAnswer(file);
    }
  });
  return (await Promise.all(checks)).find((failure) => failure !== null) ?? null;
}
