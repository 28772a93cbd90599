"""Labs of other packages: found through one entry point, each by itself, whatever the others do."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs.__main__ import main
from labs.core.bridge import (
    check_exercise,
    describe_exercise,
    describe_labs,
    exercises,
    external_distributions,
    lab_slugs,
    load_lab,
    run_lab,
    show_lab,
)
from labs.core.external import NOT_PART_OF_A_WHEEL
from tests.labs.conftest import Collect

LAB = """
from labs.core.contract import Lab, Table
LAB = Lab("A coin", "Heads?", "live", ())
def run():
    yield Table(["heads"], [[1]])
"""
EXERCISE = """
from labs.core.contract import Check, Exercise
EXERCISE = Exercise("T", "t", "a = 0", "a = 1", (Check("One", lambda names: 1 / names["a"]),), (), ())
"""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a package as it lies after an install into a folder that Python looks into, and forget it afterwards."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    made: list[str] = []

    def installed(
        package: str,
        entries: dict[str, str],
        lab: str = LAB,
        exercise: str = "",
        source: Path | None = None,
        further: dict[str, str] | None = None,
    ) -> Path:
        home = (source or site) / package / "coin"
        home.mkdir(parents=True)
        (home.parent / "__init__.py").write_text("")
        (home / "__init__.py").write_text("")
        (home / "lab.py").write_text(lab)
        if exercise:
            (home / "exercise.py").write_text(exercise)
        for name, text in (further or {}).items():
            (home / f"exercise_{name}.py").write_text(text)
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "\n".join(f"{slug} = {value}" for slug, value in entries.items())
        (info / "entry_points.txt").write_text(f"[llm_masterclass.labs]\n{lines}\n")
        files = [path.relative_to(site) for path in site.rglob("*") if path.is_file() and package in str(path)]
        record = [*files, Path(f"{info.name}/RECORD"), Path(f"{info.name}/INSTALLER"), Path("../../bin/coin")]
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in record))
        (info / "INSTALLER").write_text("pip\n")
        if source:
            url = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
            (info / "direct_url.json").write_text(url)
            monkeypatch.syspath_prepend(source)
        made.append(package)
        return site

    yield installed
    for name in list(sys.modules):
        if name.partition(".")[0] in made:
            del sys.modules[name]


def test_a_lab_of_another_package_is_used_like_ours(
    install: Install, collect: Collect, capsys: pytest.CaptureFixture[str]
) -> None:
    install("teachers_labs", {"coin": "teachers_labs.coin.lab"}, exercise=EXERCISE)
    assert "coin" in lab_slugs() and lab_slugs() == sorted(lab_slugs())
    assert load_lab("coin").LAB.title == "A coin"
    assert len(list(run_lab("coin", {}))) == 1
    assert collect(lambda emit: show_lab("coin", "{}", emit))[0] == "ok"
    assert main(["run", "coin"]) == 0 and "heads" in capsys.readouterr().out
    (described,) = [lab for lab in describe_labs() if lab["slug"] == "coin"]
    assert described["exercises"] == ["coin"]
    assert describe_exercise("coin")["checks"] == ["One"]
    assert collect(lambda emit: check_exercise("coin", "a = 0", "1", emit))[0] == "ok"


def test_a_lab_without_an_exercise_says_so(install: Install) -> None:
    install("plain_labs", {"coin": "plain_labs.coin.lab"})
    assert next(lab for lab in describe_labs() if lab["slug"] == "coin")["exercises"] == []
    with pytest.raises(ValueError, match=r"Unknown exercise: .*got 'coin'"):
        describe_exercise("coin")


def test_further_exercises_are_the_files_beside_the_lab(install: Install, collect: Collect) -> None:
    biased = EXERCISE.replace('"One"', '"Two"')
    install(
        "teachers_labs",
        {"coin": "teachers_labs.coin.lab"},
        exercise=EXERCISE,
        further={"bias": biased, "a_b2": biased, "helper": ""},
    )
    ours = ["coin", "coin.a_b2", "coin.bias", "coin.helper"]
    assert next(lab for lab in describe_labs() if lab["slug"] == "coin")["exercises"] == ours
    assert [name for name in exercises() if name.partition(".")[0] == "coin"] == ours
    described = describe_exercise("coin.bias")
    assert (described["name"], described["checks"]) == ("coin.bias", ["Two"])
    assert collect(lambda emit: check_exercise("coin.a_b2", "a = 0", "1", emit))[0] == "ok"
    with pytest.raises(ValueError, match=r"did you mean 'coin\.bias'"):
        describe_exercise("coin.bais")
    with pytest.raises(
        ValueError, match=r"teachers_labs\.coin\.exercise_helper: expected EXERCISE, an Exercise; got None"
    ):
        describe_exercise("coin.helper")


def test_a_lab_may_have_further_exercises_and_no_first(install: Install) -> None:
    install("teachers_labs", {"coin": "teachers_labs.coin.lab"}, further={"bias": EXERCISE})
    assert next(lab for lab in describe_labs() if lab["slug"] == "coin")["exercises"] == ["coin.bias"]
    with pytest.raises(ValueError, match=r"got 'coin'; did you mean 'coin\.bias'"):
        describe_exercise("coin")


def test_labs_that_can_not_be_used_hide_no_exercise_of_others(install: Install) -> None:
    before = exercises()
    install("one_labs", {"coin": "one_labs.coin.lab", "lost": "nowhere_labs.coin.lab"}, exercise=EXERCISE)
    install("two_labs", {"coin": "two_labs.coin.lab"}, exercise=EXERCISE)
    assert exercises() == before
    with pytest.raises(ValueError, match="only one can have the name"):
        describe_exercise("coin")


@pytest.mark.parametrize(
    ("value", "lab", "words"),
    [
        ("bad_labs.nowhere.lab", LAB, "got ModuleNotFoundError"),
        ("bad_labs.coin.lab:LAB", LAB, "leave out what follows the colon"),
        ("bad_labs.coin.lab", "1 / 0", "got ZeroDivisionError: division by zero"),
        ("bad_labs.coin.lab", "(", "got SyntaxError"),
        ("bad_labs.coin.lab", "LAB = 3", "a module without LAB"),
        ("bad_labs.coin.lab", LAB.replace("def run", "def ran"), "a module without run"),
    ],
)
def test_a_broken_one_says_why_and_leaves_the_others_alone(
    install: Install, capsys: pytest.CaptureFixture[str], value: str, lab: str, words: str
) -> None:
    install("bad_labs", {"broken": value}, lab=lab)
    assert "broken" in lab_slugs()
    with pytest.raises(ValueError, match="Lab 'broken' of bad_labs: expected a module with LAB and run") as refused:
        load_lab("broken")
    assert words in str(refused.value)
    with pytest.warns(RuntimeWarning, match="Lab 'broken' of bad_labs"):
        assert {lab["slug"] for lab in describe_labs()} == set(lab_slugs()) - {"broken"}
    assert main(["list"]) == 0
    printed = capsys.readouterr()
    assert "gap  " in printed.out and "Lab 'broken' of bad_labs" in printed.err


def test_a_name_that_two_packages_give_is_refused_when_used(install: Install) -> None:
    install("one_labs", {"coin": "one_labs.coin.lab", "dice": "one_labs.coin.lab"})
    install("two_labs", {"coin": "two_labs.coin.lab"})
    with pytest.raises(ValueError, match=r"Lab 'coin' of (one_labs and two_labs|two_labs and one_labs): .*rename"):
        load_lab("coin")
    assert load_lab("dice").LAB.title == "A coin"
    with pytest.raises(ValueError, match="only one can have the name"):
        external_distributions()


def test_a_name_of_ours_stays_ours_and_the_build_says_so(install: Install) -> None:
    install("thief_labs", {"gap": "thief_labs.coin.lab"})
    assert load_lab("gap").LAB.title == "The gap" and lab_slugs().count("gap") == 1
    with pytest.raises(ValueError, match=r"Lab 'gap' of thief_labs: .*the course has a lab of that name"):
        external_distributions()


def test_a_name_that_is_no_slug_is_refused(install: Install) -> None:
    install("loud_labs", {"Coin-1": "loud_labs.coin.lab"})
    with pytest.raises(ValueError, match="lower-case words joined by underscores"):
        load_lab("Coin-1")


def test_without_other_packages_there_are_none() -> None:
    assert external_distributions() == []


def test_an_installed_package_is_described_by_its_files(install: Install) -> None:
    site = install("teachers_labs", {"coin": "teachers_labs.coin.lab", "dice": "teachers_labs.coin.lab"})
    (found,) = external_distributions()
    assert (found.name, found.version, found.editable, found.slugs) == ("teachers_labs", "1.0", False, ("coin", "dice"))
    assert found.root == site.resolve()
    assert Path("teachers_labs/coin/lab.py") in found.files
    assert Path("teachers_labs-1.0.dist-info/METADATA") in found.files
    assert all((found.root / file).is_file() for file in found.files)
    assert not {file.name for file in found.files} & NOT_PART_OF_A_WHEEL


def test_an_editable_package_is_described_by_its_source(install: Install, tmp_path: Path) -> None:
    source = tmp_path / "teachers project"
    (source / ".git").mkdir(parents=True)
    (source / ".git" / "config").write_text("")
    (source / "pyproject.toml").write_text("")
    install("teachers_labs", {"coin": "teachers_labs.coin.lab"}, source=source)
    (found,) = external_distributions()
    assert found.editable and found.root == source.resolve()
    assert Path("pyproject.toml") in found.files and Path("teachers_labs/coin/lab.py") in found.files
    assert not any(".git" in file.parts for file in found.files)
    assert load_lab("coin").LAB.title == "A coin"
