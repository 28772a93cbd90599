/** The start of Python: every file asked for in the worker's first tick, WebAssembly compiled while it arrives. */

import { loadPyodide, type PyodideInterface } from "pyodide";
import type { Build } from "../build";
import { placeArchive } from "./archive";
import { DownloadError, Downloads } from "./download";
import type { BootFailure } from "./messages";

const PROGRESS_EVERY_MS = 50;
const EXPLANATION_MS = 5_000;
// The smallest valid module: eight bytes that only a blocked WebAssembly refuses.
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

export interface Start {
  build: Build;
  /** Ask for every file anew, past the browser's cache. */
  fresh: boolean;
  /** Pyodide's WebAssembly as another worker has compiled it, which then is neither fetched nor compiled again. */
  compiled: WebAssembly.Module | null;
  onProgress(loaded: number, total: number): void;
}

export interface Started {
  python: PyodideInterface;
  compiled: WebAssembly.Module;
  /** The folder in which Python looks for packages. */
  sitePackages: string;
  /** Python's memory, where everything that it computes with lies. */
  memory: WebAssembly.Memory;
}

/** Start Python. Fails with a BootFailure, which names the file at fault where there is one. */
export async function start({ build, fresh, compiled, onProgress }: Start): Promise<Started> {
  const blocked = webAssemblyBlocked();
  if (blocked !== null) throw blocked;
  const wasmUrl = `${build.indexUrl}pyodide.asm.wasm`;
  const scriptUrl = `${build.indexUrl}pyodide.asm.mjs`;
  const files = build.files.filter(({ url }) => compiled === null || url !== wasmUrl);
  const downloads = new Downloads(files, build.later, atMostEvery(PROGRESS_EVERY_MS, onProgress), fresh);
  try {
    const module = compiled ?? downloads.stream(wasmUrl).then((response) => WebAssembly.compileStreaming(response));
    downloads.import(scriptUrl);
    for (const { url } of files) if (url !== wasmUrl && url !== scriptUrl) downloads.start(url);
    globalThis.fetch = forPyodide(downloads.fetch, wasmUrl);
    const memory = instantiateOnce(module);
    let folder = "";
    const python = loadPyodide({
      indexURL: build.indexUrl,
      packageBaseUrl: build.packagesUrl,
      stdLibURL: build.stdlibUrl,
      lockFileURL: build.lockUrl,
      fsInit: async (_, { sitePackages }) => {
        folder = sitePackages;
      },
      stdin: () => null,
    }).then((started) => placeArchives(started, folder, build, downloads));
    python.catch(() => {}); // a bad file makes it fail too, later or never
    await Promise.all([module, memory, downloads.whole(), python]);
    return { python: await python, compiled: await module, sitePackages: folder, memory: await memory };
  } catch (error) {
    throw await explain(error, downloads);
  } finally {
    globalThis.fetch = downloads.fetch;
  }
}

/**
 * Put NumPy and the wheels of labs where Python looks for packages. Pyodide would unpack them by Python's own means and compile
 * every library in them; so placed, a library is compiled when it is imported.
 */
async function placeArchives(
  python: PyodideInterface,
  folder: string,
  { archives }: Build,
  downloads: Downloads,
): Promise<PyodideInterface> {
  for (const [name, url] of Object.entries(archives)) {
    placeArchive(python.FS, await downloads.bytes(url), folder);
    python.loadedPackages[name] = "default channel"; // what needs it later finds it there
  }
  python.runPython("import importlib; importlib.invalidate_caches()");
  return python;
}

/** A `fetch` that answers at once for the WebAssembly, which is fetched and compiled already. */
function forPyodide(real: typeof fetch, wasmUrl: string): typeof fetch {
  return async (input, init) => (String(input) === wasmUrl ? new Response() : real(input, init));
}

/** Let Pyodide, when it instantiates its WebAssembly, take the module that is compiled already; gives its memory. */
function instantiateOnce(module: WebAssembly.Module | Promise<WebAssembly.Module>): Promise<WebAssembly.Memory> {
  const real = WebAssembly.instantiateStreaming;
  return new Promise((resolve, reject) => {
    WebAssembly.instantiateStreaming = async (_, imports) => {
      WebAssembly.instantiateStreaming = real;
      try {
        const ready = await module;
        const instance = await WebAssembly.instantiate(ready, imports);
        resolve(instance.exports["memory"] as WebAssembly.Memory);
        return { module: ready, instance };
      } catch (error) {
        reject(error); // Pyodide itself would wait for ever and say nothing
        throw error;
      }
    };
  });
}

/** The failure of the file at fault, if one is; else what was thrown. */
async function explain(error: unknown, downloads: Downloads): Promise<BootFailure> {
  if (error instanceof DownloadError) return error.failure;
  const enough = new Promise<void>((resolve) => setTimeout(resolve, EXPLANATION_MS));
  const cause = await Promise.race([downloads.whole(), enough]).catch((reason: unknown) => reason);
  if (cause instanceof DownloadError) return cause.failure;
  const compilation = error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError;
  const what = compilation ? "Python's WebAssembly could not be started." : "Python could not start.";
  return { what, why: String(error) };
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

/** Pass progress on at most once in so many milliseconds, and always when all has come. */
function atMostEvery(milliseconds: number, tell: Start["onProgress"]): Start["onProgress"] {
  let told = Number.NEGATIVE_INFINITY;
  return (loaded, total) => {
    const now = performance.now();
    if (now - told < milliseconds && loaded < total) return;
    told = now;
    tell(loaded, total);
  };
}
