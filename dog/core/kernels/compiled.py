"""The decorator of kernels: functions over arrays that numba compiles once and caches on disk.

A kernel is plain Python. `NUMBA_DISABLE_JIT=1` runs it as such, to step through it; some tests do.
"""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
from numba import config

from dog.kernel_cache import open_kernel_cache

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


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
config.CACHE_DIR = str(open_kernel_cache())  # type: ignore[attr-defined]  # set when it is imported


def compiled(
    *signatures: str | tuple[numba.types.Type, ...],
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Compile a function for the given types of arguments when its module is imported, or load it from the cache.

    Without signatures it becomes part of the kernels that call it: a call would hand over seven or more numbers for
    each array. Kernels run without the interpreter's lock. A division by zero gives infinity or NaN, as in numpy.
    """

    def compile_function(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        compile_for = numba.njit(
            list(signatures) or None, cache=True, nogil=True, error_model="numpy", forceinline=not signatures
        )
        return cast("Callable[Parameters, Result]", compile_for(function))

    return compile_function
