"""The browser bundle: made once, named by its content, with the large libraries left for later."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from overrides.hooks import bundle as hook
from overrides.hooks.bundle import FOLDER
from overrides.hooks.common import ROOT
from overrides.hooks.kernels import compiled
from tests.hooks.conftest import Stops, runs_of

MANIFEST: dict[str, Any] = {
    "version": "1",
    "indexUrl": "runtime/1/",
    "lockUrl": "runtime/1/pyodide-lock.json",
    "packages": ["numpy", "labs"],
    "files": [{"url": "runtime/1/pyodide.mjs", "size": 1, "type": "text/javascript"}],
    "labs": {"gap": {"url": "runtime/lab-1/gap.zip", "size": 1, "sha256": "", "exercises": ["exercise"]}},
    "checkpoints": {"url": "runtime/checkpoints-1/", "files": {"base.npz": 1}},
}
LARGE = ("vega", "vega-lite", "vega-embed", "vega-interpreter", "dompurify", "@codemirror")


def bundle(manifest: dict[str, Any], cache: Path) -> dict[str, str]:
    """The bundle of the present sources, with the site's kernels."""
    return hook.bundle(manifest, compiled(), cache)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The bundle of the site's own sources."""
    return bundle(MANIFEST, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small sources in the place of the site's."""
    folder = tmp_path / "browser"
    for name in ("runtime", "styles"):
        (folder / name).mkdir(parents=True)
    (folder / "main.ts").write_text("declare const BUILD: { workerUrl: string };\nconsole.log(BUILD.workerUrl);\n")
    (folder / "runtime/worker.ts").write_text("console.log(1);\n")
    (folder / "styles/site.css").write_text("p { margin: 0 }\n")
    monkeypatch.setattr(hook, "SOURCES", folder)
    return folder


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What esbuild is called for, in order."""
    return runs_of(hook, monkeypatch)


def named(found: dict[str, str], name: str) -> Path:
    """The local file behind an address."""
    return Path(found["folder"]) / found[name].removeprefix(f"{FOLDER}/")


def test_nothing_is_done_when_nothing_has_changed(sources: Path, calls: list[str], tmp_path: Path) -> None:
    first = bundle(MANIFEST, tmp_path / "cache")
    assert len(calls) == 3
    assert bundle(MANIFEST, tmp_path / "cache") == first
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("name", "changed"),
    [("main.ts", {"main"}), ("runtime/worker.ts", {"worker", "main"}), ("styles/site.css", {"styles"})],
)
def test_a_change_renames_what_it_changes_and_nothing_else(
    sources: Path, calls: list[str], tmp_path: Path, name: str, changed: set[str]
) -> None:
    first = bundle(MANIFEST, tmp_path / "cache")
    source = sources / name
    source.write_text(source.read_text().replace("log(", "info(").replace("margin", "padding"))
    second = bundle(MANIFEST, tmp_path / "cache")
    assert len(calls) == 6
    assert {one for one in ("main", "worker", "styles") if first[one] != second[one]} == changed
    assert Path(first["folder"]).is_dir(), "the older one is still there"


def test_another_runtime_gives_another_main(sources: Path, tmp_path: Path) -> None:
    first = bundle(MANIFEST, tmp_path / "cache")
    second = bundle({**MANIFEST, "lockUrl": "runtime/2/pyodide-lock.json"}, tmp_path / "cache")
    assert first["worker"] == second["worker"]
    assert first["folder"] != second["folder"]


def test_code_that_does_not_compile_stops_the_build_at_file_and_line(
    sources: Path, tmp_path: Path, stops: Stops
) -> None:
    bundle(MANIFEST, tmp_path / "cache")
    (sources / "main.ts").write_text("const fine = 1;\nconst broken = ;\n")
    with stops("Bundling overrides/browser/main.ts failed", "browser/main.ts:2:15", 'Unexpected ";"'):
        bundle(MANIFEST, tmp_path / "cache")
    assert len(list((tmp_path / "cache/browser").iterdir())) == 1, "of the failed one nothing is left"
    (sources / "main.ts").write_text("console.log(1);\n")
    assert named(bundle(MANIFEST, tmp_path / "cache"), "main").is_file()


def test_an_import_of_nothing_stops_the_build(sources: Path, tmp_path: Path, stops: Stops) -> None:
    (sources / "runtime/worker.ts").write_text('import "./missing";\n')
    with stops("Bundling overrides/browser/runtime/worker.ts failed", "worker.ts:1:7", "./missing"):
        bundle(MANIFEST, tmp_path / "cache")


def test_names_hold_hashes_and_main_knows_worker_and_runtime(ours: dict[str, str]) -> None:
    for name in ("main", "worker", "styles"):
        assert re.fullmatch(FOLDER + r"/[a-z]+-[A-Z0-9]{8}\.(js|css)", ours[name])
        assert named(ours, name).is_file()
    hashed = re.compile(r"[\w.-]+-[A-Z0-9]{8}\.(js|css)(\.LEGAL\.txt)?")
    assert [path.name for path in Path(ours["folder"]).iterdir() if not hashed.fullmatch(path.name)] == []
    scripts = "".join(path.read_text() for path in Path(ours["folder"]).glob("*.js"))
    for address in (ours["worker"], MANIFEST["indexUrl"], MANIFEST["lockUrl"]):
        assert address in scripts


def test_the_same_sources_give_the_same_names_elsewhere(sources: Path, tmp_path: Path) -> None:
    def names(cache: str) -> set[str]:
        return {path.name for path in Path(bundle(MANIFEST, tmp_path / cache)["folder"]).iterdir()}

    assert names("one") == names("two")


def test_no_path_of_this_machine_is_in_the_bundle(ours: dict[str, str]) -> None:
    for path in Path(ours["folder"]).iterdir():
        assert str(ROOT) not in path.read_text()


def libraries(metafile: dict[str, Any], path: str, kinds: set[str]) -> set[str]:
    """The npm packages in an output and in all that it imports in these ways."""
    seen, waiting, found = set[str](), [path], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        output = metafile["outputs"][name]
        for source in output["inputs"]:
            if package := re.search(r"node_modules/((?:@[^/]+/)?[^/]+)/", source):
                found.add(package[1].split("/")[0] if package[1].startswith("@") else package[1])
        waiting += [one["path"] for one in output["imports"] if one["kind"] in kinds and not one.get("external")]
    return found


def test_the_large_libraries_are_loaded_when_they_are_needed_and_not_before(ours: dict[str, str]) -> None:
    main = named(ours, "main").name
    metafiles = [json.loads(path.read_text()) for path in Path(ours["folder"]).parent.glob("[0-9]*.json")]
    metafile = next(one for one in metafiles if any(path.endswith(main) for path in one["outputs"]))
    path = next(path for path in metafile["outputs"] if path.endswith(main))
    assert libraries(metafile, path, {"import-statement"}) & set(LARGE) == set()
    assert libraries(metafile, path, {"import-statement", "dynamic-import"}) >= {
        "vega-embed",
        "dompurify",
        "@codemirror",
    }


def test_the_worker_is_one_file(ours: dict[str, str]) -> None:
    assert not re.search(r"""\bimport\s*["{*]|\bfrom\s*["']""", named(ours, "worker").read_text())


def test_only_what_is_ours_is_taken_for_a_change(sources: Path, calls: list[str], tmp_path: Path) -> None:
    bundle(MANIFEST, tmp_path / "cache")
    (sources.parent / "beside.ts").write_text("export {};\n")
    shutil.copystat(sources / "main.ts", sources / "runtime/worker.ts")
    bundle(MANIFEST, tmp_path / "cache")
    assert len(calls) == 3
