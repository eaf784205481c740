import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dog.core.kernels.explore_pairs import exploration_odds_of_pairs
from dog.kernel_cache import CONSTANTS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent


@pytest.mark.parametrize(("disabled", "counts"), [("0", ["0", "1"]), ("1", ["False", "False"])])
def test_a_kernel_is_compiled_when_it_is_first_called_or_plain_python(disabled: str, counts: list[str]) -> None:
    code = (
        "import numpy as np\n"
        "from dog.core.kernels.explore_pairs import exploration_odds_of_pairs as kernel\n"
        "def count(): print(hasattr(kernel, 'signatures') and len(kernel.signatures))\n"
        "count()\n"
        "kernel(np.ones(1), np.ones(1), np.ones(1), 1.0, 2.0)\n"
        "count()\n"
    )
    own = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True)

    assert done.stdout.split() == counts


def test_a_kernel_takes_no_arguments_of_other_types() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        exploration_odds_of_pairs("a", "b", "c", 1.0, 2.0)  # type: ignore[arg-type]


def test_kernels_are_loaded_without_linear_algebra_which_can_be_imported_afterwards() -> None:
    code = (
        "import sys, dog.core.kernels.compiled\n"
        "print('scipy.linalg' in sys.modules)\n"
        "import scipy.linalg\n"
        "print(scipy.linalg.norm([3.0, 4.0]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "5.0"]


def test_a_kernel_is_compiled_again_where_one_that_it_calls_has_changed(tmp_path: Path) -> None:
    core = tmp_path / "dog" / "core"
    (core / "kernels").mkdir(parents=True)
    kept = ["kernel_cache.py", "kernels.py", "core/kernels/compiled.py", *(f"core/{name}.py" for name in CONSTANTS)]
    for name in ("__init__.py", "core/__init__.py", "core/kernels/__init__.py", *kept):
        shutil.copy(ROOT / "dog" / name, tmp_path / "dog" / name)
    caller = "from dog.core.kernels.compiled import compiled\nfrom dog.core.kernels.called import called\n\n\n"
    caller += '@compiled("i8(i8)")\ndef double(number):\n    return 2 * called(number)\n'
    (core / "kernels" / "caller.py").write_text(caller)
    doubled = []
    for added in (0, 50):  # Python sees that a file has changed by its second or its size
        called = (
            f"from dog.core.kernels.compiled import compiled\n\n\n@compiled()\ndef called(x):\n    return x + {added}\n"
        )
        (core / "kernels" / "called.py").write_text(called)
        code = "from dog.core.kernels.caller import double; print(double(1))"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        doubled.append(int(done.stdout))

    assert doubled == [2, 102]


def test_kernels_give_the_same_as_plain_python() -> None:
    names = ("score", "rank_by_rules", "run_programs", "choose", "merge_scores", "widen_scores")
    own = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *(f"{HERE}/test_{name}.py" for name in names),
    ]
    done = subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-2000:]


def test_kernels_take_constants_from_the_modules_of_which_changes_are_seen() -> None:
    sources = [path.read_text() for path in (ROOT / "dog" / "core" / "kernels").glob("*.py")]
    imported = {name for source in sources for name in re.findall(r"^from dog\.(\S+) import", source, re.MULTILINE)}

    imported = {name for name in imported if not name.startswith(("core.kernels", "kernel_cache"))}

    assert imported == {f"core.{name}" for name in CONSTANTS}
