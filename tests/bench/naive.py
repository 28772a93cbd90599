"""The naive boot, to measure ours against: a page with nothing but `loadPyodide` and NumPy, from the original files."""

import subprocess
from pathlib import Path

from pyodide_lock import PyodideLockSpec

from overrides.hooks.common import BUILD_CACHE, ROOT, download_cache, node, whole_folder
from overrides.hooks.runtime import PYODIDE, core_files, package_files, with_dependencies
from tests.bench.visiting import Press

FOLDER = f"runtime/naive-{PYODIDE}"  # below runtime/, where the server lets browsers keep files
PRESS = Press("/naive.html", "button", "p", "first statement")
PAGE = """<!doctype html><title>naive</title><button>Run</button><p></p><script type="module">
document.querySelector("button").onclick = () => {
  const worker = new Worker("FOLDER/worker.mjs", { type: "module" });
  worker.onmessage = ({ data }) => { document.querySelector("p").textContent = data; };
};
</script>"""
WORKER = """import { loadPyodide } from "./pyodide.mjs";
const indexURL = new URL(".", location.href).href;
const python = await loadPyodide({ indexURL, packageBaseUrl: indexURL });
await python.loadPackage("numpy", { messageCallback: () => {} });
postMessage(python.runPython("import numpy\\n'first statement ' + numpy.__version__"));
"""
# Copies that a server can send compressed, at each method's best; none where that saves nothing.
COMPRESS = """
const { readFileSync, writeFileSync } = require("node:fs");
const zlib = require("node:zlib");
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  const copies = {
    br: zlib.brotliCompressSync(bytes, { params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    gz: zlib.gzipSync(bytes, { level: 9 }),
  };
  for (const [suffix, copy] of Object.entries(copies)) {
    if (copy.length < bytes.length) writeFileSync(`${path}.${suffix}`, copy);
  }
}
"""


def add_naive_page(site: Path) -> None:
    """Put the naive page and the original files, with compressed copies, beside a built site's own."""
    (site / "naive.html").write_text(PAGE.replace("FOLDER", FOLDER))
    (site / FOLDER).symlink_to(originals(), target_is_directory=True)


def originals() -> Path:
    """The folder with the files of the naive boot, made once: Pyodide's from npm, NumPy's wheel from the downloads."""
    folder = BUILD_CACHE / "bench" / Path(FOLDER).name
    if not folder.is_dir():
        core = core_files(ROOT / "node_modules/pyodide")
        packages = with_dependencies(PyodideLockSpec.from_json(core["pyodide-lock.json"]), ["numpy"])
        files = core | package_files(packages, download_cache() / f"pyodide-{PYODIDE}")
        with whole_folder(folder) as filled:
            for name, path in files.items():
                (filled / name).write_bytes(path.read_bytes())
            (filled / "worker.mjs").write_text(WORKER)
            subprocess.run([node(), "-e", COMPRESS, *(str(filled / name) for name in files)], check=True)
    return folder
