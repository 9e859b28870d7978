"""Every script in benchmarks/ starts where its page says it does: from anywhere, with its own imports found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
# One process for all, as torch is slow to import; each finds what it would find alone, and nothing of the one before.
IMPORT_EACH = """
import runpy, sys
paths, known = list(sys.path), set(sys.modules)
for script in sys.argv[1:]:
    sys.path[:] = [script.rpartition("/")[0], *paths[1:]]
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    try:
        runpy.run_path(script, run_name="imported")
    except ImportError as error:
        print(script, error)
"""


def test_every_script_finds_its_imports(tmp_path: Path) -> None:
    scripts = [path for path in sorted(FOLDER.glob("*.py")) if "__main__" in path.read_text(encoding="utf-8")]
    ours = {"benchmarks", "playground", "tests", *(path.stem for path in FOLDER.glob("*.py"))}
    program = f"OURS = {ours}\n{IMPORT_EACH}"
    command = [sys.executable, "-c", program, *map(str, scripts)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert len(scripts) > 10
