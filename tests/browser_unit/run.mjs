/** Runs the TypeScript tests under Node: `node tests/browser_unit/run.mjs [PART OF A FILE'S NAME...]`. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const entryPoints = readdirSync(here)
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => join(here, name));
if (entryPoints.length === 0) throw new Error(`No test file in ${here} has ${wanted.join(" or ")} in its name.`);

/** What overrides/hooks/bundle.py puts in place of `BUILD`. */
const BUILD = {
  version: "1",
  indexUrl: "runtime/1/",
  packagesUrl: "runtime/python-1/",
  stdlibUrl: "runtime/python-1/python_stdlib.zip",
  lockUrl: "runtime/labs-1/pyodide-lock.json",
  workerUrl: "assets/browser/worker-1.js",
  archives: { numpy: "runtime/python-1/numpy.whl" },
  onImport: ["matplotlib"],
  files: [{ url: "runtime/1/pyodide.asm.mjs", size: 3, type: "text/javascript" }],
  later: [{ url: "runtime/python-1/matplotlib.whl", size: 9, type: "application/zip" }],
  labs: { gap: { url: "runtime/lab-1/gap.zip", size: 4, sha256: "", exercises: ["exercise"] } },
  checkpoints: { url: "runtime/checkpoints-1/", files: { "base.npz": 900000 } },
};

const outdir = mkdtempSync(join(tmpdir(), "browser-unit-"));
try {
  await build({
    absWorkingDir: join(here, "../.."),
    bundle: true,
    define: { BUILD: JSON.stringify(BUILD) },
    entryPoints,
    format: "esm",
    loader: { ".css": "text" },
    logLevel: "warning",
    outdir,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    sourcemap: "inline",
    splitting: true,
    target: "es2022",
  });
  const files = entryPoints.map((path) => join(outdir, `${basename(path, ".ts")}.mjs`));
  const command = ["--enable-source-maps", "--test", "--test-reporter=spec", ...files];
  process.exitCode = spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
