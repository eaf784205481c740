"""How a text file is written: its encoding and delimiter, as found in its bytes and its first line."""

import codecs
import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
"""By the names that options and `dog.toml` have for them."""
STATED_IN_FILE = re.compile(r"\"?sep=([,;|\t])\"?\r?\n?")
"""First line of some files for Excel."""
CHUNK_BYTES = 1 << 20
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
FALLBACK = "cp1252"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file is written."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | None = None  # of a workbook

    @property
    def is_plain(self) -> bool:
        """Return whether it is text in UTF-8 with commas."""
        return self.sheet is None and self.encoding in {"utf-8-sig", "utf-8"} and self.delimiter == ","

    def __str__(self) -> str:
        """Return what a summary says of it."""
        if self.sheet is not None:
            return f"sheet {self.sheet}"
        name = next(name for name, sign in DELIMITERS.items() if sign == self.delimiter)
        return f"{self.encoding.removesuffix('-sig')}, delimiter {name}"


def find_encoding(file: BinaryIO, most_bytes: int | None = None) -> str:
    """Return UTF-16 or UTF-8 where the bytes of a file are that, else cp1252; `most_bytes` bounds what is read."""
    head = file.read(CHUNK_BYTES)
    for mark, name in BOMS.items():
        if head.startswith(mark):
            return name
    firsts, seconds = head[:1000:2].count(0), head[1:1000:2].count(0)
    if max(firsts, seconds) * 4 > len(head[:1000:2]):  # a zero here and there is a fault of some row
        return "utf-16-be" if firsts > seconds else "utf-16-le"
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        while head:
            decoder.decode(head)
            read += len(head)
            head = b"" if most_bytes is not None and read >= most_bytes else file.read(CHUNK_BYTES)
    except UnicodeDecodeError:
        return FALLBACK
    return "utf-8-sig"


def find_delimiter(first_line: str, is_known: Callable[[str], bool]) -> str:
    r"""Return the delimiter with which the first line has the most known names of columns, then the most names.

    Examples
    --------
    >>> find_delimiter("name;price, net\n", {"name"}.__contains__)
    ';'

    """

    def names(delimiter: str) -> tuple[int, int]:
        found = next(csv.reader([first_line], delimiter=delimiter), [])
        return sum(is_known(name.strip()) for name in found), len(found)

    return max(DELIMITERS.values(), key=names)
