"""Counting instructions under `valgrind --tool=callgrind`: what a counted process asks of it, and its files of counts.

Valgrind takes requests from inside a program as a sequence of instructions without any effect on a real processor (see
`valgrind.h`). The sequence is written to executable memory here, so that no compiler is needed.
"""

import ctypes
import mmap
import platform
import re
from collections.abc import Callable
from pathlib import Path

COMMAND = (
    "valgrind",
    "--tool=callgrind",
    "--instr-atstart=no",
    "--separate-threads=yes",
    "--compress-strings=yes",
)
TOOL = ord("C") << 24 | ord("T") << 16
ZERO, TOGGLE, DUMP, START = TOOL + 1, TOOL + 2, TOOL + 3, TOOL + 4
SEQUENCE_X86_64 = bytes.fromhex(
    "4889f8"  # mov rax, rdi: the address of the request and its arguments
    "31d2"  # xor edx, edx: the answer outside valgrind
    "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi by 3, 13, 61, 51: 128 bits in all, so rdi is unchanged
    "4887db"  # xchg rbx, rbx: here valgrind reads the request
    "4889d0 c3"  # return rdx
)


class Callgrind:
    """Requests to callgrind; outside valgrind they have no effect."""

    def __init__(self) -> None:
        if platform.machine() not in ("x86_64", "AMD64"):
            raise NotImplementedError(f"instructions are counted on x86_64 only, not on {platform.machine()}")
        self._code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._code.write(SEQUENCE_X86_64)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._code))
        self._call: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(address)
        self._toggle = (ctypes.c_uint64 * 6)(TOGGLE)

    def start(self) -> None:
        """Begin to count, in all threads, from zero."""
        self._call((ctypes.c_uint64 * 6)(START))
        self._call((ctypes.c_uint64 * 6)(ZERO))

    def toggle(self) -> None:
        """Stop counting in this thread, or continue."""
        self._call(self._toggle)

    def dump(self, name: str) -> None:
        """Write the counts so far to files, one a thread, and begin from zero."""
        text = ctypes.create_string_buffer(name.encode())
        self._call((ctypes.c_uint64 * 6)(DUMP, ctypes.addressof(text)))


def read_counts(folder: Path) -> dict[str, int]:
    """Return the instructions of all threads by the name of the dump, from the files that callgrind wrote."""
    counts: dict[str, int] = {}
    for path in folder.glob("callgrind.out.*"):
        text = path.read_text("utf-8", "replace")
        name = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
        total = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
        if name and total:
            counts[name[1]] = counts.get(name[1], 0) + int(total[1])
    return counts
