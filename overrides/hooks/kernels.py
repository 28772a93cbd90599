"""Build step: the page's kernels, compiled from AssemblyScript to WebAssembly in two builds.

AssemblyScript comes from npm as plain JavaScript, runs wherever Node.js does, and its source reads like the rest of the
browser code. One build uses the 128-bit vectors that every browser of today has. The other one also uses "relaxed"
instructions, which multiply and add at once and which some browsers do not have yet.
"""

import logging
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from overrides.hooks.common import BUILD_CACHE, ROOT, node, run, sha256, tree_hash, whole_folder

SOURCES = ROOT / "overrides/kernels"
OPTIONS = ["--runtime", "stub", "--importMemory", "--noExportMemory", "--noAssert", "-O3", "--enable", "simd"]
OPTIONS += ["--disableWarning", "112"]  # that JavaScript can't pass vectors: only kernels do
BUILDS = {"kernels.wasm": [], "kernels-relaxed.wasm": ["--enable", "relaxed-simd"]}

log = logging.getLogger("mkdocs.hooks.kernels")


def compiled(cache: Path = BUILD_CACHE) -> Path:
    """The folder with the files of BUILDS, from the cache or else compiled; the same sources give the same bytes.

    Raises: BuildStop with the compiler's words if the sources do not compile.
    """
    folder = cache / "kernels" / tree_hash([SOURCES, ROOT / "package-lock.json", Path(__file__)])
    if not all((folder / name).exists() for name in BUILDS):
        with whole_folder(folder) as workshop:
            for name, options in BUILDS.items():
                command = [node(), "node_modules/assemblyscript/bin/asc.js", str(SOURCES / "index.ts")]
                command += [*OPTIONS, *options, "--outFile", str(workshop / name)]
                run(command, "Compiling overrides/kernels", "mend the lines named above, or run `make setup`.")
    return folder


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: compile them for the worker's bundle, and say which bytes these are."""
    folder = compiled()
    for name in BUILDS:
        log.info("%s: %d bytes, SHA-256 %s", name, (folder / name).stat().st_size, sha256(folder / name))
    config.extra["kernels"] = folder
    return config
