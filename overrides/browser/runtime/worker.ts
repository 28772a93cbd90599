/** The worker: boots Python and runs cells, one at a time. All that it knows of labs is `labs.core.bridge`. */

import type { PyodideInterface } from "pyodide";
import type { PyProxy } from "pyodide/ffi";
import type { Build } from "../build";
import { type Started, start } from "./boot";
import { type CheckpointFetcher, checkpointFetcher } from "./checkpoints";
import { loadKernels, NO_KERNELS } from "./kernels";
import { type LabPlacer, labPlacer } from "./labs";
import type { BootFailure, Call, FromWorker, KeptFiles, ToWorker } from "./messages";

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
  fetch_labs_with(place: LabPlacer, labs: string): void;
  offer_kernels(exports: WebAssembly.Exports, tell: (fault: string) => void): void;
  check_exercise(exercise: string, source: string, cell: string, emit: Emit): Promise<Status>;
  chat(request: string, emit: Emit): Promise<Status>;
  on_keep(tell: (files: PyProxy) => void): void;
  restore(files: PyProxy): void;
}

type Emit = (outputs: string) => void;
type Status = "ok" | "error";

/** Pyodide's internals that we touch: the hook that it calls when the interpreter has died. */
interface Internals {
  _api: { on_fatal?: (error: unknown) => void };
}

const port = globalThis as unknown as Port;

let python: PyodideInterface | null = null;
let bridge: Bridge | null = null;
let current: number | null = null;
let toRestore: KeptFiles | null = null;

async function boot({ build, fresh, compiled }: ToWorker & { type: "boot" }): Promise<void> {
  const onProgress = (loaded: number, total: number): void =>
    port.postMessage({ type: "progress", stage: loaded < total ? "download" : "start", loaded, total });
  try {
    const started = await start({ build, fresh, compiled, onProgress });
    python = started.python;
    (python as unknown as Internals)._api.on_fatal = (error) => die(error);
    bridge = python.pyimport("labs.core.bridge") as Bridge;
    bridge.set_loadable(JSON.stringify(build.onImport));
    bridge.fetch_checkpoints_with(checkpointFetcher(build.checkpoints, note));
    offerLabs(bridge, build, started);
    bridge.on_keep(tellKept);
    if (toRestore !== null) restore(toRestore);
    await offerKernels(bridge, started.memory);
    port.postMessage({ type: "ready", compiled: started.compiled });
  } catch (error) {
    const failure = isFailure(error) ? error : { what: "Python could not start.", why: String(error) };
    port.postMessage({ type: "boot-failed", failure });
  }
}

/** Tell Python of the labs that it lacks, and have it ask for one when that is first used. */
function offerLabs(labs: Bridge, build: Build, { python: { FS }, sitePackages }: Started): void {
  const exercises = Object.entries(build.labs).map(([slug, lab]) => [slug, lab.exercises]);
  const place = labPlacer(build.labs, FS, sitePackages, note);
  labs.fetch_labs_with(place, JSON.stringify(Object.fromEntries(exercises)));
}

/** Offer Python the kernels that this browser can run; they are checked when a model first computes. */
async function offerKernels(labs: Bridge, memory: WebAssembly.Memory): Promise<void> {
  const tell = (text: string): void => port.postMessage({ type: "computing", text });
  const { exports, text } = await loadKernels(memory);
  if (exports === null) return tell(text);
  tell(`${text} They are checked against NumPy when a model is first used.`);
  const failed = (fault: unknown): void =>
    tell(`${NO_KERNELS}: this site's kernels did not pass their check. ${fault}`);
  try {
    labs.offer_kernels(exports, (fault) => (fault === "" ? tell(`${text} They agree with NumPy.`) : failed(fault)));
  } catch (error) {
    failed(error);
  }
}

/** Tell the page of the files of a model that Python has kept: a mapping of names to bytes. */
function tellKept(files: PyProxy): void {
  const found = files.toJs({ dict_converter: Object.fromEntries }) as KeptFiles;
  const copies = Object.entries(found).map(([name, bytes]) => [name, new Uint8Array(bytes)]);
  port.postMessage({ type: "kept", files: Object.fromEntries(copies) });
}

/** Give Python the files that another one has kept: at once, or as soon as it is there. */
function restore(files: KeptFiles): void {
  toRestore = files;
  if (python === null || bridge === null) return;
  toRestore = null;
  const given = python.toPy(files) as PyProxy;
  try {
    bridge.restore(given);
  } catch (error) {
    console.error("The reader's own model could not be handed on.", error); // Python itself is well, and says so when asked
  } finally {
    given.destroy();
  }
}

function isFailure(error: unknown): error is BootFailure {
  return typeof error === "object" && error !== null && "what" in error && "why" in error;
}

function ask(labs: Bridge, call: Call, emit: Emit): Promise<Status> {
  switch (call.kind) {
    case "cell":
      return labs.run_cell(call.source, call.page, call.cell, emit);
    case "lab":
      return labs.show_lab(call.slug, JSON.stringify(call.values), emit);
    case "check":
      return labs.check_exercise(call.exercise, call.source, call.cell, emit);
    case "chat":
      return labs.chat(call.request, emit);
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
    if ("source" in call) await loadImports(call.source, emit);
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
  if (data.type === "boot") void boot(data);
  else if (data.type === "restore") restore(data.files);
  else void run(data);
};
