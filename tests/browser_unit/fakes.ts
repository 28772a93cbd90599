/** What the tests put in the place of a browser: as little as the code under test asks for. */

import type { Build, RuntimeFile } from "../../overrides/browser/build";
import type { BootFailure, FromWorker, Output, ToWorker } from "../../overrides/browser/runtime/messages";

/** What the build knows of a file, with what the test does not care about filled in. */
export function runtimeFile(url: string, size: number, type: string, more: Partial<RuntimeFile> = {}): RuntimeFile {
  return { url, size, type, sha256: "", wire: size, gzip: 0, ...more };
}

export const build: Build = {
  version: "1",
  indexUrl: "https://site.test/runtime/1/",
  packagesUrl: "https://site.test/runtime/python-1/",
  stdlibUrl: "https://site.test/runtime/python-1/python_stdlib.zip",
  lockUrl: "https://site.test/runtime/labs-1/pyodide-lock.json",
  workerUrl: "https://site.test/assets/browser/worker-1.js",
  archives: { numpy: "https://example.org/runtime/python-1/numpy.whl" },
  onImport: [],
  files: [
    runtimeFile("https://site.test/runtime/1/pyodide.asm.mjs", 3, "text/javascript"),
    runtimeFile("https://site.test/runtime/1/pyodide.asm.wasm", 8, "application/wasm"),
    runtimeFile("https://site.test/runtime/labs-1/labs.whl", 5, "application/zip"),
  ],
  later: [],
  labs: {},
  checkpoints: { url: "https://site.test/runtime/checkpoints-1/", files: { "base.npz": 4 } },
};

/** The smallest WebAssembly, in the place of Pyodide's. */
export const compiled = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

/** A worker that does nothing but write down what it is told; the test speaks in its place. */
export class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  terminated = false;
  readonly told: ToWorker[] = [];
  readonly #handlers: FakeWorker["onmessage"][] = [];

  constructor(
    readonly url: string,
    readonly options: WorkerOptions,
  ) {
    FakeWorker.made.push(this);
  }

  postMessage(message: ToWorker): void {
    if (this.terminated) throw new Error("A message to a worker that was ended.");
    this.told.push(structuredClone(message));
  }

  terminate(): void {
    this.terminated = true;
  }

  /** Say something to the page, as a worker that is still heard. */
  say(message: FromWorker): void {
    if (this.onmessage !== null) this.#handlers.push(this.onmessage);
    this.onmessage?.({ data: message });
  }

  /** Say something although the page has ended this worker: the message was on its way already. */
  sayTooLate(message: FromWorker): void {
    (this.onmessage ?? this.#handlers.at(-1))?.({ data: message });
  }

  ready(): void {
    this.say({ type: "ready", compiled });
  }

  fail(failure: BootFailure): void {
    this.say({ type: "boot-failed", failure });
  }

  /** The script did not load, or threw where nobody catches. */
  break(message = ""): void {
    this.onerror?.({ message, preventDefault: () => {} });
  }

  put(run: number, ...outputs: Output[]): void {
    this.say({ type: "outputs", run, outputs: JSON.stringify(outputs) });
  }

  done(run: number, status: "ok" | "error" = "ok", seconds = 0.5): void {
    this.say({ type: "done", run, status, seconds });
  }

  /** The runs that it was asked for, by number. */
  get runs(): number[] {
    return this.told.filter((message) => message.type === "run").map((message) => message.run);
  }

  /** Whether it was told to fetch every file anew. */
  get fresh(): boolean {
    return this.told.some((message) => message.type === "boot" && message.fresh);
  }
}

/** Let the code meet these names in the global scope. */
export function stub(globals: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Let everything that waits for nothing but its turn have it. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A file's right answer. */
export function answer(body: string | null, type: string, status = 200): Response {
  return new Response(body, { status, headers: type === "" ? {} : { "Content-Type": type } });
}
