"""Compile the kernels, or load them where they are compiled: `python -m dog.kernels`, once after an installation.

`dog/kernel_cache.py` decides where numba keeps them. A process that finds none there compiles them when it starts.
"""

from importlib import import_module
from pkgutil import iter_modules

from dog.core import kernels


def load_kernels() -> None:
    """Import all kernels: each has stated types, so it is compiled or loaded when it is imported."""
    for found in iter_modules(kernels.__path__):
        import_module(f"{kernels.__name__}.{found.name}")


if __name__ == "__main__":
    load_kernels()
