/** The worker: boots Python and runs cells, one at a time. All that it knows of labs is `labs.core.bridge`. */

import type { PyodideInterface } from "pyodide";
import type { PyProxy } from "pyodide/ffi";
import type { Build } from "../build";
import { countingFetch } from "./download";
import type { BootFailure, FromWorker, ToWorker } from "./messages";

interface Port {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** The bridge's functions, as JavaScript sees them. */
interface Bridge extends PyProxy {
  run_cell(source: string, page: string, cell: string, emit: (outputs: string) => void): Promise<"ok" | "error">;
}

/** Pyodide's internals that we touch: the hook that it calls when the interpreter has died. */
interface Internals {
  _api: { on_fatal?: (error: unknown) => void };
}

const port = globalThis as unknown as Port;
const PROGRESS_EVERY_MS = 50;
// The smallest valid module: eight bytes that only a blocked WebAssembly refuses.
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

let bridge: Bridge | null = null;
let current: number | null = null;

async function boot(build: Build, fresh: boolean): Promise<void> {
  const blocked = webAssemblyBlocked();
  if (blocked !== null) return fail(blocked);
  const total = build.files.reduce((sum, file) => sum + file.size, 0);
  let loaded = 0;
  let told = 0;
  const failed = new Promise<never>((_, reject) => {
    const giveUp = (failure: BootFailure): void => reject(failure);
    globalThis.fetch = countingFetch(
      build.files,
      (bytes) => {
        loaded += bytes;
        const now = performance.now();
        if (now - told < PROGRESS_EVERY_MS && loaded < total) return;
        told = now;
        port.postMessage({ type: "progress", stage: loaded < total ? "download" : "start", loaded, total });
      },
      giveUp,
      fresh,
    );
    watchCompilation(giveUp);
  });
  try {
    if (fresh) await refreshModules(build);
    const python = await Promise.race([start(build), failed]);
    (python as unknown as Internals)._api.on_fatal = (error) => die(error);
    bridge = python.pyimport("labs.core.bridge") as Bridge;
    port.postMessage({ type: "ready" });
  } catch (error) {
    fail(isFailure(error) ? error : { what: "Python could not start.", why: String(error) });
  }
}

async function start(build: Build): Promise<PyodideInterface> {
  const { loadPyodide } = (await import(`${build.indexUrl}pyodide.mjs`)) as typeof import("pyodide");
  return loadPyodide({
    indexURL: build.indexUrl,
    packageBaseUrl: build.indexUrl,
    lockFileURL: build.lockUrl,
    packages: build.packages,
  });
}

/** Modules are imported past our `fetch`: put good copies into the browser's cache before. */
async function refreshModules({ files }: Build): Promise<void> {
  const modules = files.filter((file) => file.type === "text/javascript");
  await Promise.all(modules.map(async ({ url }) => (await fetch(url, { cache: "reload" })).arrayBuffer()));
}

function fail(failure: BootFailure): void {
  port.postMessage({ type: "boot-failed", failure });
}

function isFailure(error: unknown): error is BootFailure {
  return typeof error === "object" && error !== null && "what" in error && "why" in error;
}

function webAssemblyBlocked(): BootFailure | null {
  const what = "This browser does not let the page run WebAssembly, which Python needs.";
  if (typeof WebAssembly !== "object") return { what, why: "It has no WebAssembly, or it is switched off." };
  try {
    new WebAssembly.Module(EMPTY_MODULE);
    return null;
  } catch (error) {
    return { what, why: String(error) };
  }
}

/** Pyodide waits for ever when its WebAssembly can't be compiled: hear of it ourselves. */
function watchCompilation(giveUp: (failure: BootFailure) => void): void {
  const real = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (source, imports) => {
    try {
      return await real(source, imports);
    } catch (error) {
      giveUp({ what: "Python's WebAssembly could not be started.", why: String(error) });
      throw error;
    }
  };
}

async function run({ run: id, page, cell, source }: ToWorker & { type: "run" }): Promise<void> {
  if (bridge === null) throw new Error("A cell came before Python was ready.");
  current = id;
  const began = performance.now();
  const emit = (outputs: string): void => port.postMessage({ type: "outputs", run: id, outputs });
  try {
    const status = await bridge.run_cell(source, page, cell, emit);
    current = null;
    port.postMessage({ type: "done", run: id, status, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    die(error);
  }
}

/** The interpreter is beyond repair: say so, so that the page replaces this worker. */
function die(error: unknown): void {
  port.postMessage({ type: "fatal", run: current, reason: String(error) });
}

port.onmessage = ({ data }) => {
  if (data.type === "boot") void boot(data.build, data.fresh);
  else void run(data);
};
