"""The table of docs/explanation/reliability.md, made from the newest run of each fault in the history."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN = "<!-- measurements: written by python -m tests.faults --report -->"
END = "<!-- end of measurements -->"
HEAD = "| `NAME`: what was done | N | lost | doubled | torn | recovery, s | form, seed | commit, date |"


def make_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Write one row for the newest run of each fault, in the order of the history, and what they ran on."""
    newest = {run["name"]: run for run in runs}
    rows = [HEAD, "|" + "---|" * (HEAD.count("|") - 1), *map(_row, newest.values())]
    return "\n".join([*rows, "", _platforms(newest.values())])


def _row(run: Mapping[str, Any]) -> str:
    recovery = run["seconds_to_recover"]
    cells = [
        f"`{run['name']}`: {run['fault']}; {run['note']}".replace("|", "\\|"),
        *(f"{run[column]:,}" for column in ("n", "lost", "doubled", "torn")),
        "-" if recovery is None else f"{recovery:.1f}",
        f"{run['scale']}, {run['seed']}",
        f"{run['commit']}, {run['at'][:10]}",
    ]
    return f"| {' | '.join(cells)} |"


def _platforms(runs: Iterable[Mapping[str, Any]]) -> str:
    seen = sorted({(run["server"], run["python"], run["system"], run["cores"]) for run in runs})
    shown = "; ".join(f"{server}, Python {python}, {system}, {cores} cores" for server, python, system, cores in seen)
    return f"Measured with {shown}."


def with_table(page: str, table: str) -> str:
    """Return the page with this table between its markers.

    Examples
    --------
    >>> with_table(f"before {BEGIN} old {END} after", "new").splitlines()[2]
    'new'

    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"
