"""The wheel of `labs`: the same bytes for the same sources, built once, nothing in it but the package."""

import shutil
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from labs.core.finding import own_slugs
from overrides.hooks import wheel
from overrides.hooks.common import ROOT
from overrides.hooks.wheel import build_wheel, lab_archives, labs_hash


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what the wheel is built from."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "labs", folder / "labs")
    (folder / "docs").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "docs/glossary.md"):
        shutil.copy(ROOT / name, folder / name)
    monkeypatch.setattr(wheel, "ROOT", folder)
    return folder


def with_checkpoint(project: Path) -> None:
    """Put something with a checkpoint's names in the place of the package's own."""
    (project / "labs/checkpoints").mkdir(exist_ok=True)
    for name in ("base.npz", "base.json", "tokenizer.json"):
        (project / "labs/checkpoints" / name).write_bytes(b"{}")


def forbid_building(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a wheel was built although there was one")

    monkeypatch.setattr("hatchling.builders.wheel.WheelBuilder", refuse)


def test_the_same_sources_give_the_same_bytes(project: Path, tmp_path: Path) -> None:
    first = build_wheel(tmp_path / "one")
    for path in project.rglob("*.py"):
        path.touch()
    second = build_wheel(tmp_path / "two")
    assert first.relative_to(tmp_path / "one") == second.relative_to(tmp_path / "two")
    assert first.read_bytes() == second.read_bytes()
    archives = [[path.read_bytes() for path in lab_archives(build_wheel(tmp_path / cache))] for cache in ("one", "two")]
    assert archives[0] == archives[1] != []


def test_it_is_not_built_twice(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build_wheel(tmp_path / "cache")
    forbid_building(monkeypatch)
    assert build_wheel(tmp_path / "cache") == first
    (project / "labs/__init__.py").write_text("# changed\n")
    with pytest.raises(AssertionError, match="a wheel was built"):
        build_wheel(tmp_path / "cache")


@pytest.mark.parametrize(
    "name", ["labs/core/bridge.py", "labs/new.py", "docs/glossary.md", "pyproject.toml", "README.md", "LICENSE"]
)
def test_a_change_gives_another_folder_and_keeps_the_old(project: Path, tmp_path: Path, name: str) -> None:
    first = build_wheel(tmp_path / "cache")
    content = first.read_bytes()
    with (project / name).open("a") as file:
        file.write("\n# a change\n")
    second = build_wheel(tmp_path / "cache")
    assert second.parent != first.parent
    assert second.name == first.name
    assert (second.read_bytes() == content) == (name == "pyproject.toml"), "a comment there is not in the wheel"
    assert first.read_bytes() == content
    assert sorted(path.name for path in (tmp_path / "cache/wheel").iterdir()) == sorted(
        [first.parent.name, second.parent.name]
    )


def test_a_build_that_was_cut_off_is_built_anew(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut:
        def __init__(self, root: str, config: object) -> None:
            pass

        def build(self, directory: str, versions: list[str]) -> None:
            Path(directory, "labs-0.1.0-py3-none-any.whl").write_bytes(b"half")
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("hatchling.builders.wheel.WheelBuilder", Cut)
        build_wheel(tmp_path / "cache")
    assert zipfile.is_zipfile(build_wheel(tmp_path / "cache"))


def test_it_holds_the_package_and_nothing_else_but_lacks_labs_weights_and_commands(
    project: Path, tmp_path: Path
) -> None:
    (project / "labs/__pycache__").mkdir(exist_ok=True)
    (project / "labs/__pycache__/left.cpython-313.pyc").write_bytes(b"left over")
    (project / "tests").mkdir()
    (project / "tests/test_it.py").write_text("")
    with_checkpoint(project)
    with zipfile.ZipFile(build_wheel(tmp_path / "cache")) as built:
        names = [name for name in built.namelist() if ".dist-info/" not in name]
        metadata = BytesParser().parsebytes(built.read("labs-0.1.0.dist-info/METADATA"))
    sources = {p.relative_to(project).as_posix() for p in (project / "labs").rglob("*") if p.is_file()}
    weights = {name for name in sources if name.startswith("labs/checkpoints/") and name.endswith(".npz")}
    folders = ("labs/core/weights/", "labs/core/commands/", "labs/core/scaffold")
    labs = {name for name in sources if name.split("/")[1] in own_slugs()}
    left_out = {name for name in sources if name.startswith(folders)} | weights | labs
    assert "labs/checkpoints/base.npz" in weights and weights < left_out < sources
    assert "labs/gap/lab.py" in labs and "labs/__init__.py" not in labs
    kept = {name for name in sources - left_out if "__pycache__" not in name}
    assert set(names) == kept | {"labs/core/glossary.md"}
    required = [one for one in metadata.get_all("Requires-Dist", []) if "extra ==" not in one]
    assert [one.split("~=")[0] for one in required] == ["numpy"]


def test_each_labs_folder_is_an_archive_with_all_its_files(project: Path, tmp_path: Path) -> None:
    (project / "labs/gap/__pycache__").mkdir(exist_ok=True)
    (project / "labs/gap/__pycache__/left.cpython-313.pyc").write_bytes(b"left over")
    (project / "labs/gap/deeper").mkdir()
    (project / "labs/gap/deeper/table.json").write_text("{}")
    archives = {path.stem: path for path in lab_archives(build_wheel(tmp_path / "cache"))}
    assert sorted(archives) == own_slugs()
    for slug, path in archives.items():
        files = [file for file in (project / "labs" / slug).rglob("*") if file.is_file()]
        expected = {file.relative_to(project).as_posix(): file.read_bytes() for file in files if file.suffix != ".pyc"}
        with zipfile.ZipFile(path) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == expected


def test_what_pip_installs_lacks_nothing(project: Path, tmp_path: Path) -> None:
    with_checkpoint(project)
    (built,) = WheelBuilder(str(project)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        expected = {"labs/checkpoints/base.npz", "labs/core/weights/__init__.py", "labs/gap/lab.py"}
        assert expected <= set(wheel.namelist())
        assert wheel.read("labs/core/glossary.md") == (project / "docs/glossary.md").read_bytes()


def test_the_hash_of_labs_does_not_see_compiled_files(project: Path) -> None:
    before = labs_hash()
    (project / "labs/core/__pycache__").mkdir(exist_ok=True)
    (project / "labs/core/__pycache__/new.pyc").write_bytes(b"compiled")
    assert labs_hash() == before
