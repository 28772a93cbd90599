"""The TypeScript tests of the browser code, run by Node's own test runner."""

import re
import subprocess
from pathlib import Path

from overrides.hooks.common import ROOT, node

RUNNER = Path(__file__).with_name("run.mjs")


def test_the_browser_code() -> None:
    done = subprocess.run([node(), RUNNER], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    (passed,) = re.findall(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    files = list(RUNNER.parent.glob("*.test.ts"))
    assert int(passed) >= len(files) > 0, done.stdout
    (skipped,) = re.findall(r"^ℹ skipped (\d+)$", done.stdout, re.MULTILINE)
    assert skipped == "0", "a test that does not run tests nothing"
