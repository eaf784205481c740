"""Names of files of rejected rows."""

import re
from pathlib import Path

REJECTED = re.compile(r"(.+)\.rejected(?:\.(\d+))?\.(?:csv|ndjson)")
"""The name of a file of rejected rows: that of the file from which they come, and how often they were rejected."""


def rejected_path(path: Path) -> Path:
    """Return where the rejected rows of a file go: never into the file itself.

    Examples
    --------
    >>> rejected_path(Path("a.xlsx")).name, rejected_path(Path("a.xlsx.rejected.csv")).name
    ('a.xlsx.rejected.csv', 'a.xlsx.rejected.2.csv')

    """
    again = REJECTED.fullmatch(path.name)
    return path.with_name(f"{again[1]}.rejected.{int(again[2] or 1) + 1}.csv" if again else f"{path.name}.rejected.csv")
