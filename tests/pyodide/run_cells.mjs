/**
 * Boots the runtime of a built site under Node and does what it is asked, as the page's worker would:
 * `node tests/pyodide/run_cells.mjs RUNTIME_FOLDER LOCK_FILE CHECKPOINTS_FOLDER`, then one JSON job a line in, one JSON
 * answer a line out.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, lockFileURL, checkpoints] = process.argv.slice(2);
if (checkpoints === undefined) throw new Error("Usage: run_cells.mjs RUNTIME_FOLDER LOCK_FILE CHECKPOINTS_FOLDER");
const indexURL = join(folder, "/");

const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const python = await loadPyodide({
  indexURL,
  packageBaseUrl: indexURL,
  lockFileURL,
  packages: ["labs"],
  stdin: () => null,
  stdout: (text) => console.error(text),
});
const bridge = python.pyimport("labs.core.bridge");
bridge.fetch_checkpoints_with((name) => {
  const path = join(checkpoints, name);
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : `The site has no ${name}.`;
});

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
      return { status: await bridge.check_exercise(job.slug, job.source, "1", emit), outputs };
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
