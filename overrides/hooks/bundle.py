"""Build step: the browser code. esbuild over overrides/browser, in files named by their content."""

import json
import time
from pathlib import Path
from typing import Any

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from overrides.hooks.checkpoints import Checkpoints
from overrides.hooks.common import BUILD_CACHE, ROOT, node, run, tree_hash, whole_folder
from overrides.hooks.compressed import compressed
from overrides.hooks.kernels import BUILDS
from overrides.hooks.runtime import Runtime

SOURCES = ROOT / "overrides/browser"
FOLDER = "assets/browser"
COMPRESSED = ("runtime/", f"{FOLDER}/")
NODE_ONLY = ["--external:node:*", "--external:ws"]  # what Pyodide imports under Node and nowhere else
SHARED = [
    "--bundle",
    "--format=esm",
    "--target=es2022",
    "--minify",
    "--metafile={meta}",
    "--log-level=warning",
]
SHARED += ["--legal-comments=linked", "--charset=utf8"]


def bundle(manifest: dict[str, Any], kernels: Path, cache: Path = BUILD_CACHE) -> dict[str, str]:
    """Bundle the browser code that boots what the manifest tells of, with the kernels; done only if one has changed.

    Returns the addresses, relative to the site, of `main` (the module that every page loads), `worker`, `styles`, and
    in `folder` the local folder that holds all files. The worker is bundled first: its address, and
    the runtime's, are constants of the main module, so that a page needs to know one address only.

    Raises: BuildStop with esbuild's own message if the code does not compile.
    """
    lock = ROOT / "package-lock.json"
    key = tree_hash([SOURCES, kernels, lock, Path(__file__)], json.dumps(manifest, sort_keys=True))
    folder = cache / "browser" / key
    names = folder / "names.json"
    if not names.exists():
        with whole_folder(folder) as workshop:
            with_kernels = ["--loader:.wasm=binary", *(f"--alias:{name}={kernels / name}" for name in BUILDS)]
            worker = _esbuild(workshop, "runtime/worker.ts", *NODE_ONLY, *with_kernels)
            build = {**manifest, "workerUrl": f"{FOLDER}/{worker}"}
            constants = f"--define:BUILD={json.dumps(build)}"
            main = _esbuild(workshop, "main.ts", "--splitting", "--loader:.css=text", constants)
            styles = _esbuild(workshop, "styles/site.css")
            (workshop / names.name).write_text(json.dumps({"main": main, "worker": worker, "styles": styles}))
    found = json.loads(names.read_text())
    return {**{name: f"{FOLDER}/{file}" for name, file in found.items()}, "folder": str(folder / "out")}


def _esbuild(workshop: Path, entry: str, *options: str) -> str:
    """Bundle one entry point and return its file name, which holds a hash of its content."""
    meta = workshop / f"{time.monotonic_ns()}.json"
    command = [
        node(),
        "node_modules/esbuild/bin/esbuild",
        str(SOURCES / entry),
        f"--outdir={workshop / 'out'}",
    ]
    command += ["--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]", *options]
    command += [option.format(meta=meta) for option in SHARED]
    run(command, f"Bundling overrides/browser/{entry}", "mend the lines named above.")
    outputs: dict[str, dict[str, Any]] = json.loads(meta.read_text())["outputs"]
    return next(
        Path(path).name for path, output in outputs.items() if output.get("entryPoint", "").endswith(f"browser/{entry}")
    )


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: bundle, and put script and styles on every page."""
    runtime: Runtime = config.extra["runtime"]
    checkpoints: Checkpoints = config.extra["checkpoints"]
    names = bundle({**runtime.manifest(), "checkpoints": checkpoints.manifest()}, config.extra["kernels"])
    script = ExtraScriptValue(names["main"])
    script.type = "module"
    config.extra_javascript.append(script)
    config.extra_css.append(names["styles"])
    config.extra["browser"] = names
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: copy the bundle into the site, and keep its sources out, which lie in the theme's folder."""
    for file in list(files):
        inside = Path(file.abs_src_path or "")
        if inside.is_relative_to(ROOT / "overrides") and file.src_uri.split("/")[0] != "assets":
            files.remove(file)
    folder = Path(config.extra["browser"]["folder"])
    for path in sorted(folder.iterdir()):
        files.append(File.generated(config, f"{FOLDER}/{path.name}", abs_src_path=str(path)))
    if config.extra["for_hosts"]:
        _add_copies(files, config)
    return files


def _add_copies(files: Files, config: MkDocsConfig) -> None:
    """Put compressed copies beside the files of the runtime and of the bundle."""
    runtime: Runtime = config.extra["runtime"]
    found = {file.src_uri: Path(file.abs_src_path or "") for file in files if file.src_uri.startswith(COMPRESSED)}
    rest = {path for path in found.values() if path not in runtime.copies}
    copies = {**runtime.copies, **compressed(rest, BUILD_CACHE)}
    for url, path in found.items():
        for suffix, copy in copies.get(path, {}).items():
            files.append(File.generated(config, url + suffix, abs_src_path=str(copy)))
