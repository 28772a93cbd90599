"""`python -m labs new`: what it makes passes at once, and a refusal or a failure leaves nothing behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from labs.core import scaffold
from labs.core.scaffold import new_lab, with_nav_line

ROOT = Path(__file__).parents[3]
NEEDED = ("labs", "docs/labs", "tests/__init__.py", "tests/labs", "mkdocs.yml", "pyproject.toml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a checkout needs to hold labs."""
    root = tmp_path / "copy"
    for name in NEEDED:
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    return root


def files_of(root: Path) -> dict[Path, bytes]:
    ignored = ("__pycache__", "_cache", ".hypothesis")
    return {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and not any(i in str(p) for i in ignored)}


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def test_what_new_makes_runs_and_passes_every_check_at_once(checkout: Path) -> None:
    before = files_of(checkout)
    made = python(checkout, "-m", "labs", "new", "coin_toss")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[:6] == [
        "labs/coin_toss/__init__.py",
        "labs/coin_toss/exercise.py",
        "labs/coin_toss/lab.py",
        "docs/labs/coin_toss.py",
        "tests/labs/coin_toss/test_coin_toss.py",
        "mkdocs.yml",
    ]
    after = files_of(checkout)
    assert {str(path.relative_to(checkout)) for path in set(after) - set(before)} == set(made.stdout.splitlines()[:5])
    assert [path.name for path in before if after[path] != before[path]] == ["mkdocs.yml"]
    checked = "labs/coin_toss", "tests/labs/coin_toss", "docs/labs/coin_toss.py"
    for arguments in (
        ("-m", "labs", "run", "coin_toss", "--num-tosses", "100"),
        ("-m", "ruff", "check", *checked),
        ("-m", "ruff", "format", "--check", *checked),
        ("-m", "mypy", *checked[:2]),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/labs/coin_toss", "tests/labs/test_pages.py"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/labs/test_exercises.py", "-k", "coin_toss"),
    ):
        done = python(checkout, *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)


@pytest.mark.parametrize("slug", ["a", "core_values", "zebra", "a_name_that_is_as_long_as_names_may_be_x"])
def test_style_and_imports_fit_a_name_of_any_length(checkout: Path, slug: str) -> None:
    made = [str(path) for path in new_lab(slug, checkout / "docs") if path.suffix == ".py"]
    for arguments in (("check", "-q", *made), ("format", "--check", *made)):
        done = python(checkout, "-m", "ruff", *arguments)
        assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.mark.parametrize(
    "slug", ["Coin", "coin-toss", "coin2", "", "_coin", "coin__toss", "class", "core", "../x", "x" * 41]
)
def test_a_bad_name_is_refused(checkout: Path, slug: str) -> None:
    before = files_of(checkout)
    with pytest.raises(ValueError, match="Slug: expected a name of up to 40 letters"):
        new_lab(slug, checkout)
    assert files_of(checkout) == before


@pytest.mark.parametrize("existing", ["labs/coin", "tests/labs/coin", "docs/labs/coin.py"])
def test_what_exists_is_not_overwritten(checkout: Path, existing: str) -> None:
    (checkout / existing).mkdir()
    before = files_of(checkout)
    with pytest.raises(ValueError, match=f"got 'coin', and {existing} exists"):
        new_lab("coin", checkout)
    assert files_of(checkout) == before


def test_a_lab_that_is_there_is_refused_on_the_command_line(checkout: Path) -> None:
    done = python(checkout, "-m", "labs", "new", "gap")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: Slug: expected a new name, got 'gap'")


def test_outside_a_checkout_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected to be inside one, with mkdocs\.yml and labs"):
        new_lab("coin", tmp_path)


def test_a_checkout_without_its_folders_is_refused(checkout: Path) -> None:
    shutil.rmtree(checkout / "tests")
    with pytest.raises(ValueError, match="no tests/labs"):
        new_lab("coin", checkout)


@pytest.mark.parametrize("failing", range(4))
def test_a_failure_on_the_way_leaves_nothing_half_made(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before = files_of(checkout)
    real, moves = Path.replace, []

    def replace(draft: Path, place: Path) -> Path:
        moves.append(place)
        if len(moves) > failing:
            raise OSError("disk full")
        return real(draft, place)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="disk full"):
        new_lab("coin", checkout)
    assert files_of(checkout) == before
    assert not list(checkout.glob(".new-lab-*")) and not (checkout / "labs" / "coin").exists()


def test_a_config_without_a_place_is_refused_before_anything_is_written(checkout: Path) -> None:
    (checkout / "mkdocs.yml").write_text("nav:\n  - Home: index.md\n")
    before = files_of(checkout)
    with pytest.raises(ValueError, match="expected a line '- Labs:' in the nav"):
        new_lab("coin", checkout)
    assert files_of(checkout) == before


CONFIG = """\
site_name: x  # a name
nav:
  - Home: index.md
  # what one can do
  - Labs:  # in order
      - First: labs/first.py  # the first

      # a second
      - "Second": labs/second.py
  # the rest
  - End: end.md
plugins: [search]
"""


def test_the_nav_line_comes_last_below_labs_and_nothing_else_changes() -> None:
    changed = with_nav_line(CONFIG, "labs/coin.py", "Coin")
    lines = changed.splitlines(keepends=True)
    assert lines.pop(9) == "      - Coin: labs/coin.py\n"
    assert "".join(lines) == CONFIG
    assert yaml.safe_load(changed)["nav"][1]["Labs"][-1] == {"Coin": "labs/coin.py"}


@pytest.mark.parametrize(
    ("config", "ending"),
    [
        (CONFIG.replace("\n", "\r\n"), "\r\n"),
        ("nav:\n- Labs:\n  - A: labs/a.py", "\n"),
        ("nav:\n  - Labs:\n      - A: labs/a.py\n      - More:\n          - B: labs/b.py\n", "\n"),
        ("nav:\n  - Labs:\n", "\n"),
    ],
)
def test_line_ends_depths_and_the_end_of_the_file_are_kept(config: str, ending: str) -> None:
    changed = with_nav_line(config, "labs/coin.py", "Coin")
    assert changed.count(ending) == changed.count("\n")
    labs = next(entry["Labs"] for entry in yaml.safe_load(changed)["nav"] if "Labs" in entry)
    assert labs[-1] == {"Coin": "labs/coin.py"}


def test_a_title_that_yaml_would_read_otherwise_is_quoted() -> None:
    changed = with_nav_line(CONFIG, "labs/no.py", scaffold.title_of("no"))
    assert yaml.safe_load(changed)["nav"][1]["Labs"][-1] == {"No": "labs/no.py"}


def test_a_page_that_is_in_the_nav_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected no page labs/first\.py"):
        with_nav_line(CONFIG, "labs/first.py", "First")
