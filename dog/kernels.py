"""Compile all kernels, or load them where they are compiled: `python -m dog.kernels`, once after an installation.

`dog/kernel_cache.py` decides where numba keeps them. A process that calls a kernel and finds none compiles all first.
"""

import gc
import sys
from importlib import import_module
from pathlib import Path

from dog.core import kernels
from dog.core.kernels.compiled import fill_cache, load_imported


def load_kernels() -> None:
    """Import and load all kernels."""
    fill_cache()
    for name in _modules():
        import_module(name)
    load_imported()


def compile_part(part: int, parts: int) -> None:
    """Compile one of some parts of the kernels; write a letter to stdout for each file."""
    gc.disable()  # a fifth of the time
    for name in _modules()[part::parts]:
        import_module(name)
        load_imported(name)
        print(end=".", flush=True)  # noqa: T201


def _modules() -> list[str]:
    """Return the modules of kernels; the largest come first."""
    files = sorted(Path(kernels.__path__[0]).glob("[!_]*.py"), key=lambda path: path.stat().st_size, reverse=True)
    return [f"{kernels.__name__}.{path.stem}" for path in files]


if __name__ == "__main__":
    if sys.argv[1:]:
        compile_part(*map(int, sys.argv[1:]))
    else:
        load_kernels()
