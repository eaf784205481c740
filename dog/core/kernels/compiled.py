"""The decorator of kernels: functions over arrays that numba compiles once and caches on disk.

A kernel is plain Python. `NUMBA_DISABLE_JIT=1` runs it as such, to step through it; some tests do.
"""

import sys
from collections.abc import Callable
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast
from zlib import crc32

import numba
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
from numba import config

from dog.kernel_cache import fill_kernel_cache, kernel_folder

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Signature = str | tuple[numba.types.Type, ...]

_loading = Lock()
_to_load: list["_FirstCall"] = []
"""The kernels of imported modules that are neither loaded nor compiled."""


def _leave_out_scipy() -> None:
    """Load numba's functions of arrays without scipy's linear algebra: no kernel multiplies matrices.

    It is two fifths of the time in which the first kernel is loaded, and 16 MB.
    """
    if "scipy.linalg" not in sys.modules:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # importing it fails as if it were missing
        try:
            import numba.np.arraymath  # noqa: F401, PLC0415  # here numba looks for it
        finally:
            del sys.modules["scipy.linalg"]


_leave_out_scipy()
config.CACHE_DIR = str(kernel_folder())  # type: ignore[attr-defined]  # set when it is imported


class _FirstCall:
    """What numba calls where a kernel has no compiled code for its arguments, to get what it then calls with them.

    numba would compile it for the types of these arguments. This loads or compiles the kernel for the stated types.
    """

    def __init__(self, kernel: Any, signatures: tuple[Signature, ...]) -> None:
        self.module: str = kernel.__module__
        self._kernel, self._signatures = kernel, signatures

    def __call__(self, *_: Any, **__: Any) -> Any:
        fill_cache()
        self.load()
        return self._kernel

    def load(self) -> None:
        """Load or compile the kernel for the stated types; it takes no others."""
        with _loading:
            if self not in _to_load:
                return
            for signature in self._signatures:
                self._kernel.compile(signature)
            self._kernel.disable_compile()
            del self._kernel._compile_for_args  # noqa: SLF001  # from now on numba refuses other types
            _to_load.remove(self)


def _is_plain_python() -> bool:
    return bool(config.DISABLE_JIT)  # type: ignore[attr-defined]  # set when it is imported


def fill_cache() -> None:
    """Compile all kernels into the cache, where it lacks those for this Python, numba and processor."""
    if not _is_plain_python():
        processor = f"{get_host_cpu_name()} {get_host_cpu_features().flatten()}"
        fill_kernel_cache(f"{sys.implementation.cache_tag}-{numba.__version__}-{crc32(processor.encode()):08x}")


def load_imported(module: str | None = None) -> None:
    """Load or compile the kernels of the modules that are imported, or of one of them."""
    for kernel in [*_to_load]:
        if module in (None, kernel.module):
            kernel.load()


def compiled(*signatures: Signature) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Compile a function for the given types of arguments when it is first called, or load it from the cache.

    Without signatures it becomes part of the kernels that call it: a call would hand over seven or more numbers for
    each array. Kernels run without the interpreter's lock. A division by zero gives infinity or NaN, as in numpy.
    """

    def compile_function(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        kernel: Any = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=not signatures)(function)
        if signatures and not _is_plain_python():
            kernel._compile_for_args = first = _FirstCall(kernel, signatures)  # noqa: SLF001  # numba has no hook for it
            _to_load.append(first)
        return cast("Callable[Parameters, Result]", kernel)

    return compile_function
