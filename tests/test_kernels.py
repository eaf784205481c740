import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow  # a minute
def test_all_kernels_are_compiled_once_into_the_stated_folder(tmp_path: Path) -> None:
    own = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def compiled() -> dict[Path, int]:
        subprocess.run([sys.executable, "-m", "dog.kernels"], cwd=ROOT, env=own, check=True)
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}

    first = compiled()

    assert {path.name.split(".")[0] for path in first} >= {"settle_events"}
    assert compiled() == first
