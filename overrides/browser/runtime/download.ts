/**
 * Downloads of the runtime: all asked for at once and watched. Bytes are counted as they come, each file is checked
 * against what the build knows of it, and one that is missing, of a wrong type, cut short or damaged is named. Left
 * alone, Pyodide would wait for ever on a WebAssembly file of the wrong type and say nothing.
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

// What a host must waste before the copy beside the file is fetched in its stead: that costs another round trip.
const WORTH_ASKING_AGAIN = 50_000;

const shortName = (url: string): string => new URL(url).pathname.split("/").pop() ?? url;

/** Why this answer can't be used for this file, or null if it can. */
export function badAnswer(file: Expected, response: Response): BootFailure | null {
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

/** What an answer is held against. */
export type Expected = Pick<RuntimeFile, "url" | "size" | "type">;

/** What to say of a file for which the server sent only a status. */
export function noSuccess(file: Expected, status: number): BootFailure {
  const name = shortName(file.url);
  const what = `The file ${name} could not be used.`;
  return { what, why: `The server answered ${status} instead of sending it.`, file: name };
}

/** What to say of a file that ended early or went on too long. */
export function wrongLength(file: Expected, got: number): BootFailure {
  const name = shortName(file.url);
  return {
    what: `The file ${name} arrived incomplete.`,
    why: `${got.toLocaleString("en")} of ${file.size.toLocaleString("en")} bytes came.`,
    file: name,
  };
}

/** What to say of a file whose content has another hash than the one that the build has noted. */
export function damaged(file: Expected): BootFailure {
  const name = shortName(file.url);
  return {
    what: `The file ${name} arrived damaged.`,
    why: "Its content is not what this site was built with.",
    file: name,
  };
}

/** What to say when no answer came at all. */
export function noAnswer(file: Expected): BootFailure {
  const name = shortName(file.url);
  return { what: `The file ${name} could not be fetched.`, why: "The connection failed or was blocked.", file: name };
}

/** How far one file is: bytes that came, unpacked, and how many bytes the whole of it takes on the way. */
interface Part {
  readonly file: RuntimeFile;
  got: number;
  wire: number;
}

/**
 * The files of one start of Python. `onProgress` gets bytes on the way, those that came and all: in the end they are
 * equal. With `fresh` the browser's cache is passed over. Every promise made here fails with a DownloadError.
 */
export class Downloads {
  readonly #parts: Map<string, Part>;
  readonly #later: Map<string, RuntimeFile>;
  readonly #started = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  readonly #checks: Promise<unknown>[] = [];
  readonly #onProgress: (loaded: number, total: number) => void;
  readonly #options: RequestInit;
  readonly #realFetch: typeof fetch;

  constructor(
    files: readonly RuntimeFile[],
    later: readonly RuntimeFile[],
    onProgress: (loaded: number, total: number) => void,
    fresh = false,
    realFetch: typeof fetch = globalThis.fetch.bind(globalThis),
  ) {
    this.#parts = new Map(files.map((file) => [file.url, { file, got: 0, wire: file.wire }]));
    this.#later = new Map(later.map((file) => [file.url, file]));
    this.#onProgress = onProgress;
    this.#options = fresh ? { cache: "reload" } : {};
    this.#realFetch = realFetch;
  }

  /**
   * Ask for a file of the start now; the first `fetch` of its address gets the answer, as soon as it has come: its hash
   * is only known in the end, by those who wait for `whole`.
   */
  start(url: string): void {
    const part = this.#part(url);
    const bytes = this.#collect(part);
    this.#watch(bytes.then((content) => check(part.file, content)));
    this.#started.set(url, bytes);
  }

  /** Let a failure be told to those who wait for `whole`, and be no news before. */
  #watch(promise: Promise<unknown>): void {
    promise.catch(() => {});
    this.#checks.push(promise);
  }

  /**
   * Ask for a WebAssembly file and hand its answer on as it came, which lets the browser compile it while it arrives
   * and keep the result; what arrives is counted and checked in a copy.
   */
  stream(url: string): Promise<Response> {
    const part = this.#part(url);
    const answer = this.#ask(part.file, part);
    this.#watch(answer.then((response) => this.#read(part, response.clone()))); // cloned before anybody reads it
    return answer;
  }

  /**
   * Import a script. The browser does that past us: bytes are counted when all have come, and the cause of a failure
   * is looked for by fetching the script once more.
   */
  import(url: string): void {
    this.#watch(this.#import(this.#part(url)));
  }

  async #import(part: Part): Promise<void> {
    try {
      if (this.#options.cache === "reload") await this.#read(part); // a good copy for the browser's cache
      await import(part.file.url);
      this.#count(part, part.file.size - part.got);
    } catch (error) {
      if (!(error instanceof DownloadError)) await this.#read({ ...part, got: 0 });
      throw error;
    }
  }

  /** Wait until every file asked for has come whole and undamaged. */
  async whole(): Promise<void> {
    await Promise.all(this.#checks);
  }

  /** The bytes of a file asked for before, once all have come: they are handed out once. */
  bytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
    const started = this.#started.get(url);
    this.#started.delete(url);
    return started ?? this.#read(this.#part(url));
  }

  /** What Pyodide is given as `fetch`: answers asked for before are handed out, others fetched and watched alike. */
  readonly fetch: typeof fetch = async (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : String(input), location.href);
    const started = this.#started.get(href);
    this.#started.delete(href);
    const later = this.#later.get(href);
    const part = this.#parts.get(href) ?? (later && { file: later, got: 0, wire: 0 });
    if (part === undefined) return this.#realFetch(input, init);
    const bytes = await (started ?? this.#read(part));
    return new Response(bytes, { headers: { "Content-Type": part.file.type } });
  };

  #part(url: string): Part {
    const part = this.#parts.get(url);
    if (part === undefined) throw new Error(`The build knows no file ${url} that Python starts from.`);
    return part;
  }

  /** The good answer of the server: unpacked by us, from the copy beside the file, if the host does not compress. */
  async #ask(file: RuntimeFile, part: Part): Promise<Response> {
    const response = await this.#request(file, file.url);
    const encoded = response.headers.has("content-encoding");
    // A script is imported under its own address, whatever else is fetched.
    const replaceable = file.gzip > 0 && file.type !== "text/javascript";
    const wasted = replaceable && !encoded && file.size - file.gzip >= WORTH_ASKING_AGAIN;
    if (!wasted || typeof DecompressionStream === "undefined") {
      this.#weigh(part, response);
      return response;
    }
    await response.body?.cancel().catch(() => {});
    const copy = await this.#request(file, `${file.url}.gz`, "application/gzip").catch(() => null);
    if (copy?.body == null) return this.#request(file, file.url); // the host has no copies: the long way works
    this.#weigh(part, copy);
    const unpacked = copy.headers.has("content-encoding"); // by the browser
    const body = unpacked ? copy.body : copy.body.pipeThrough(new DecompressionStream("gzip"));
    return new Response(body, { headers: { "Content-Type": file.type } });
  }

  async #request(file: RuntimeFile, url: string, type = file.type): Promise<Response> {
    const asked = { ...file, url, type };
    const response = await this.#realFetch(url, this.#options).catch(() => {
      throw new DownloadError(noAnswer(asked));
    });
    const failure = badAnswer(asked, response);
    if (failure !== null) throw new DownloadError(failure);
    return response;
  }

  /** Learn from the answer how many bytes the file takes on the way. */
  #weigh(part: Part, response: Response): void {
    const length = Number(response.headers.get("content-length"));
    if (length > 0) part.wire = length;
  }

  /** The bytes of a file, which are counted as they come; as many as they should be, and the right ones. */
  async #read(part: Part, answer?: Response): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#collect(part, answer);
    await check(part.file, bytes);
    return bytes;
  }

  /** The same before it is known whether they are the right ones. */
  async #collect(part: Part, answer?: Response): Promise<Uint8Array<ArrayBuffer>> {
    const { file } = part;
    const reader = (answer ?? (await this.#ask(file, part))).body?.getReader();
    const bytes = new Uint8Array(file.size);
    let got = 0;
    try {
      for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
        const chunk = next.value;
        if (got + chunk.byteLength <= bytes.byteLength) bytes.set(chunk, got);
        got += chunk.byteLength;
        this.#count(part, chunk.byteLength);
      }
    } catch {
      throw new DownloadError(wrongLength(file, got));
    }
    if (got !== file.size) throw new DownloadError(wrongLength(file, got));
    return bytes;
  }

  #count(part: Part, bytes: number): void {
    part.got += bytes;
    if (this.#parts.get(part.file.url) !== part) return; // it is no part of the start
    const parts = [...this.#parts.values()];
    const loaded = parts.reduce((sum, { file, got, wire }) => sum + (wire * Math.min(got, file.size)) / file.size, 0);
    this.#onProgress(
      Math.round(loaded),
      parts.reduce((sum, { wire }) => sum + wire, 0),
    );
  }
}

/** See that these bytes have the file's SHA-256. Browsers can tell only on https and on localhost. */
async function check(file: RuntimeFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (btoa(String.fromCharCode(...digest)) !== file.sha256) throw new DownloadError(damaged(file));
}

/**
 * Look for the cause of a boot that failed without words: ask for each file and check the answer.
 * Returns null if every file is served as it should be.
 */
export async function diagnose(files: readonly Expected[], signal: AbortSignal): Promise<BootFailure | null> {
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
