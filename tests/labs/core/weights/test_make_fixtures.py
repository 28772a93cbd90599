"""The script makes the committed fixtures again, where its packages are installed."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
NEEDED = ("torch", "transformers", "tokenizers")


@pytest.mark.skipif(not all(find_spec(name) for name in NEEDED), reason=f"needs {', '.join(NEEDED)}")
def test_fixtures_are_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, HERE / "make_fixtures.py", tmp_path], check=True, capture_output=True)
    committed = HERE / "fixtures"
    names = sorted(path.name for path in committed.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name in names:
        old, new = committed / name, tmp_path / name
        np.testing.assert_allclose(np.load(new / "expected.npy"), np.load(old / "expected.npy"), rtol=0, atol=1e-4)
        assert json.loads((new / "expected.json").read_text()) == json.loads((old / "expected.json").read_text())
