/** The worker: boots Python and runs cells, one at a time. All that it knows of labs is `labs.core.bridge`. */

import type { PyodideInterface } from "pyodide";
import type { PyProxy } from "pyodide/ffi";
import type { Build } from "../build";
import { type CheckpointFetcher, checkpointFetcher } from "./checkpoints";
import { countingFetch } from "./download";
import type { BootFailure, Call, FromWorker, ToWorker } from "./messages";

interface Port {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** The bridge's functions, as JavaScript sees them. */
interface Bridge extends PyProxy {
  run_cell(source: string, page: string, cell: string, emit: Emit): Promise<Status>;
  show_lab(slug: string, values: string, emit: Emit): Promise<Status>;
  set_loadable(names: string): void;
  fetch_checkpoints_with(fetcher: CheckpointFetcher): void;
  check_exercise(exercise: string, source: string, cell: string, emit: Emit): Promise<Status>;
}

type Emit = (outputs: string) => void;
type Status = "ok" | "error";

/** Pyodide's internals that we touch: the hook that it calls when the interpreter has died. */
interface Internals {
  _api: { on_fatal?: (error: unknown) => void };
}

const port = globalThis as unknown as Port;
const PROGRESS_EVERY_MS = 50;
// The smallest valid module: eight bytes that only a blocked WebAssembly refuses.
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

let python: PyodideInterface | null = null;
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
    python = await Promise.race([start(build), failed]);
    (python as unknown as Internals)._api.on_fatal = (error) => die(error);
    bridge = python.pyimport("labs.core.bridge") as Bridge;
    bridge.set_loadable(JSON.stringify(build.onImport));
    bridge.fetch_checkpoints_with(checkpointFetcher(build.checkpoints, note));
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
    stdin: () => null,
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

function ask(labs: Bridge, call: Call, emit: Emit): Promise<Status> {
  switch (call.kind) {
    case "cell":
      return labs.run_cell(call.source, call.page, call.cell, emit);
    case "lab":
      return labs.show_lab(call.slug, JSON.stringify(call.values), emit);
    case "check":
      return labs.check_exercise(call.exercise, call.source, call.cell, emit);
  }
}

/** Tell the reader what the current run is busy with; an empty text ends that. */
function note(text: string): void {
  if (current !== null) port.postMessage({ type: "note", run: current, text });
}

/** Load what the code imports and is shipped but not there yet; what can't be had is said as the run's own output. */
async function loadImports(source: string, emit: Emit): Promise<void> {
  await python?.loadPackagesFromImports(source, {
    messageCallback: (text) => note(text.startsWith("Loading ") ? `${text}…` : ""),
    errorCallback: (text) => {
      const advice = "Check your connection and run the cell again.";
      emit(JSON.stringify([{ output_type: "stream", name: "stderr", text: `${text}\n${advice}\n` }]));
    },
  });
}

async function run({ run: id, call }: ToWorker & { type: "run" }): Promise<void> {
  if (bridge === null) throw new Error("A run came before Python was ready.");
  current = id;
  const began = performance.now();
  const emit = (outputs: string): void => port.postMessage({ type: "outputs", run: id, outputs });
  try {
    if (call.kind !== "lab") await loadImports(call.source, emit);
    const status = await ask(bridge, call, emit);
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
