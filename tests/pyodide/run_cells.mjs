/**
 * Boots a runtime under Node and does what it is asked, as the page's worker would:
 * `node tests/pyodide/run_cells.mjs RUNTIME`, then one JSON job a line in, one JSON answer a line out.
 * RUNTIME is JSON: `options` for loadPyodide, the folder with the `checkpoints`, the `archives` of labs by slug, each with
 * its `path`, `sha256` and `exercises`, and the file with the `kernels`.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { loadPyodide } from "pyodide";

const [described] = process.argv.slice(2);
if (described === undefined) throw new Error("Usage: run_cells.mjs RUNTIME");
const { options, checkpoints, archives, kernels } = JSON.parse(described);

let memory = null;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  memory ??= (made.instance ?? made).exports.memory;
  return made;
};

const python = await loadPyodide({ ...options, stdin: () => null, stdout: (text) => console.error(text) });
const labs = options.packages.includes("labs");
const bridge = labs ? python.pyimport("labs.core.bridge") : null;
bridge?.fetch_checkpoints_with((name) => {
  const path = join(checkpoints, name);
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : `The site has no ${name}.`;
});

const exercises = Object.entries(archives).map(([slug, lab]) => [slug, lab.exercises]);
bridge?.fetch_labs_with(
  (slug, hash) => {
    const content = new Uint8Array(readFileSync(archives[slug].path));
    if (hash(content) !== archives[slug].sha256) return `The archive of ${slug} is damaged.`;
    python.unpackArchive(content, "zip", { extractDir: "/lib/python3.14/site-packages" });
    return "";
  },
  JSON.stringify(Object.fromEntries(exercises)),
);

/** Offer the kernels as the page's worker does; `told` gets what Python says of them. */
async function offerKernels(told) {
  const { instance } = await instantiate(readFileSync(kernels), { env: { memory } });
  bridge.offer_kernels(instance.exports, (fault) => told.push(fault));
}

const told = [];
if (labs) await offerKernels(told);

async function answer(job) {
  const outputs = [];
  const emit = (batch) => outputs.push(...JSON.parse(batch));
  switch (job.kind) {
    case "cell":
      await python.loadPackagesFromImports(job.source, { messageCallback: () => {} });
      return { status: await bridge.run_cell(job.source, job.page, job.cell, emit), outputs };
    case "lab":
      return { status: await bridge.show_lab(job.slug, JSON.stringify(job.values), emit), outputs };
    case "check":
      return { status: await bridge.check_exercise(job.exercise, job.source, "1", emit), outputs };
    case "chat":
      return { status: await bridge.chat(JSON.stringify(job.request), emit), outputs };
    case "told":
      return { value: told };
    case "evaluate":
      return { value: python.runPython(job.source) };
    default:
      throw new Error(`Unknown kind of job: ${job.kind}`);
  }
}

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
say({ ready: python.version, packages: Object.keys(python.loadedPackages).sort() });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)));
  } catch (error) {
    say({ broken: String(error?.stack ?? error) });
  }
}
