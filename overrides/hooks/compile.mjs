/**
 * Byte-compiles archives with the page's own Python: `node overrides/hooks/compile.mjs PYODIDE_FOLDER JOBS_FILE`.
 * The jobs are a JSON object: `root` and `keep_sources` as in compiling.py, and `archives`, a list of `[SOURCE, TARGET]`.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, jobsFile] = process.argv.slice(2);
if (jobsFile === undefined) throw new Error("Usage: compile.mjs PYODIDE_FOLDER JOBS_FILE");
const { root, keep_sources, archives } = JSON.parse(readFileSync(jobsFile, "utf8"));

const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const python = await loadPyodide({
  indexURL: join(folder, "/"),
  // The same bytes each time; and no columns where there is no source to point into, which saves a fifth.
  env: { PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: keep_sources ? "" : "1" },
  stdout: (text) => console.error(text),
});
python.FS.writeFile("/tmp/compiling.py", readFileSync(new URL("compiling.py", import.meta.url)));
const compile = python.runPython(`
import sys
from pathlib import Path
sys.path.insert(0, "/tmp")
from compiling import compile_archive

def run(root, keep_sources):
    try:
        compile_archive(Path("/tmp/source"), Path("/tmp/target"), root, keep_sources)
    except SyntaxError as error:
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
run
`);
for (const [source, target] of archives) {
  python.FS.writeFile("/tmp/source", readFileSync(source));
  const fault = compile(root, keep_sources);
  if (fault !== undefined) {
    console.error(`${basename(source)}: ${fault}`);
    process.exit(1);
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, python.FS.readFile("/tmp/target"));
}
