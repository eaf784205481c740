import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("disabled", ["0", "1"])
def test_a_kernel_is_compiled_or_plain_python(disabled: str) -> None:
    code = (
        "from dog.core.kernels.settle_events import settle_events\n"
        "print(hasattr(settle_events, 'signatures') and len(settle_events.signatures))\n"
    )
    own = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ("1" if disabled == "0" else "False")


def test_kernels_are_loaded_without_linear_algebra_which_can_be_imported_afterwards() -> None:
    code = (
        "import sys, dog.core.kernels.compiled\n"
        "print('scipy.linalg' in sys.modules)\n"
        "import scipy.linalg\n"
        "print(scipy.linalg.norm([3.0, 4.0]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "5.0"]
