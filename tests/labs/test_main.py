"""The command line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import labs
from labs.__main__ import main
from labs.core.bridge import lab_slugs
from labs.core.contract import Moving, Progress, Table
from labs.core.finding import own_slugs


def test_list_names_every_lab(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for slug in lab_slugs():
        assert f"{slug}  " in listed


def test_run_prints_tables_and_charts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base_simulator", "--prefix", "Is it safe to", "--num-samples=10"]) == 0
    printed = capsys.readouterr()
    assert "Is it safe to eat rice that stood overnight?" in printed.out
    assert "10 samples of “Is it safe to …”" in printed.out
    assert "Continuations drawn" not in printed.out + printed.err


def test_progress_goes_to_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["run", "base_simulator"]) == 0
    printed = capsys.readouterr()
    assert "Continuations drawn: 200 of 200" in printed.err
    assert "Continuations drawn" not in printed.out


def test_json_holds_every_display_and_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base_simulator", "--json", "--seed", "3"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["lab"], report["label"]) == ("base_simulator", "illustrative")
    assert report["values"]["seed"] == 3 and report["values"]["num_samples"] == 200
    assert len(report["outputs"]) == 4
    assert all("text/plain" in output["data"] for output in report["outputs"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "base_simulater"], "did you mean 'base_simulator'?"),
        (["run", "base_simulator", "--temperature", "9"], "expected a number from 0.0 to 3.0, got 9"),
        (["run", "base_simulator", "--temperature", "hot"], "got 'hot'"),
        (["run", "base_simulator", "--temperature", "-1"], "got -1"),
        (["run", "base_simulator", "--prefix", "Once upon"], "a real model continues anything"),
        (["run", "base_simulator", "--warmth", "1"], "--warmth"),
        (["run", "base_simulator", "--temp", "1"], "--temp"),
        (["run"], "SLUG"),
        (["list", "more"], "more"),
        (["walk"], "walk"),
        ([], "command"),
    ],
)
def test_bad_input_is_said_on_stderr(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert words in printed.err and "Traceback" not in printed.err
    assert printed.out == ""


def test_help_names_the_labs_controls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base_simulator", "--help"]) == 0
    assert "--num-samples" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["train", "measure", "chat", "compare"])
def test_the_models_commands_have_help_of_their_own(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"usage: python -m labs {command} " in capsys.readouterr().out
    assert main([command, "--no-such-option"]) == 2


def test_folders_that_hold_no_lab_are_not_listed() -> None:
    folders = {path.name: path for path in Path(labs.__file__).parent.iterdir() if path.is_dir()}
    assert set(own_slugs()) == {name for name, path in folders.items() if (path / "lab.py").exists()}
    assert "core" in folders


def test_help_loads_no_numpy() -> None:
    source = "import sys; from labs.__main__ import main; main(['--help']); print('numpy' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "False" and "train the models" in printed


def test_an_interrupted_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def run(slug: str, values: object) -> Iterator[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr("labs.__main__.run_lab", run)
    assert main(["run", "gap"]) == 130
    assert capsys.readouterr().err == "\nInterrupted.\n"


def test_the_package_itself_can_be_run() -> None:
    finished = subprocess.run([sys.executable, "-m", "labs", "run", "nothing"], capture_output=True, text=True)
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: Unknown lab")


def test_a_chart_has_bars_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "gap"]) == 0
    printed = capsys.readouterr().out
    assert "refusal accuracy" in printed and "████████" in printed


def test_a_bar_that_did_not_end_does_not_run_into_what_follows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(slug: str, values: object) -> Iterator[object]:
        yield Progress(1, 3, "Steps")
        yield Table(["a"], [[1]])
        yield Progress(2, 3, "Steps")
        raise ValueError("no further")

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("labs.__main__.run_lab", run)
    assert main(["run", "gap"]) == 2
    assert capsys.readouterr().err.endswith("(66\N{NO-BREAK SPACE}%)\x1b[K\nerror: no further\n")


def test_of_a_moving_display_only_the_last_state_is_printed_in_its_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(slug: str, values: object) -> Iterator[object]:
        yield Table(["first"], [])
        yield Moving("loss", Table(["state one"], []))
        yield Table(["between"], [])
        yield Moving("loss", Table(["state two"], []))

    monkeypatch.setattr("labs.__main__.run_lab", run)
    assert main(["run", "gap"]) == 0
    printed = capsys.readouterr().out
    assert "state one" not in printed
    assert printed.index("first") < printed.index("state two") < printed.index("between")


def test_progress_shows_with_json_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["run", "base_simulator", "--json"]) == 0
    printed = capsys.readouterr()
    assert "200 of 200" in printed.err and json.loads(printed.out)["lab"] == "base_simulator"
