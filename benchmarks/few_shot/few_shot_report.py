"""Tables of the few-shot benchmark, and the page that contains them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from benchmarks.few_shot.list_figures import METRICS
from benchmarks.notes import HISTORY

Row = Mapping[str, Any]
"""A data set: its size, and the figures of each method by number of events and metric."""
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
TITLES = {
    "sample": "Sample, categories",
    "types": "Sample, product types",
    "films": "Film ratings",
    "noise": "Noise: shuffled histories",
}
METRIC_TITLES = dict(zip(METRICS, ("NDCG@10", "AUC", "20-way accuracy"), strict=True))
IN_SUMMARY = ("0", "1", "3", "10")


def newest(file: Path | None = None) -> dict[tuple[str, bool], Row]:
    """Return the newest row of each data set and kind of query."""
    path = file or HISTORY / "few_shot.ndjson"
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    return {(row["data"], row["same_query"]): row for row in rows}


def tables(found: Mapping[tuple[str, bool], Row]) -> str:
    """Return all tables as Markdown."""
    normal = [found[name, False] for name in TITLES if (name, False) in found]
    parts = ["## NDCG@10 after 0, 1, 3 and 10 events", summary(normal, 0)]
    parts += ["## AUC after 0, 1, 3 and 10 events", summary(normal, 1)]
    parts += ["## 20-way accuracy after 0, 1, 3 and 10 events", summary(normal, 2)]
    fixed = [found[name, True] for name in TITLES if (name, True) in found]
    if fixed:
        parts += ["## The same query: NDCG@10 of events 11 to 20 after 0, 1, 3 and 10 known events", summary(fixed, 0)]
    parts += ["## Times", times(normal)]
    for row in normal:
        parts.append(f"## {TITLES[row['data']]}: differences to `{row['base']}`")
        parts.append(_size(row))
        for number, metric in enumerate(METRICS):
            parts += [f"{METRIC_TITLES[metric]}:", details(row, number)]
    return "\n\n".join(parts)


def summary(rows: Iterable[Row], metric: int) -> str:
    """Return the means of a metric; bold where the interval of the difference to the base lies above 0."""
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row["methods"])
    lines = [_line(["method", *(TITLES[row["data"]] for row in rows)]), _line(["---"] * (len(rows) + 1))]
    for name in names:
        cells = [_means(row, name, metric) if name in row["methods"] else "-" for row in rows]
        lines.append(_line([name, *cells]))
    return "\n".join(lines)


def _means(row: Row, name: str, metric: int) -> str:
    found = [row["methods"][name]["figures"][cut][metric] for cut in IN_SUMMARY]
    return " ".join(f"**{_short(mean)}**" if low > 0 else _short(mean) for mean, _, low, _ in found)


def details(row: Row, metric: int) -> str:
    """Return the mean of each method and number of events, and its difference to the base with the 95 % interval."""
    lines = [_line(["method", *(f"k = {cut}" for cut in row["episodes"])]), _line(["---"] * (len(row["episodes"]) + 1))]
    for name, method in row["methods"].items():
        cells = [_detail(*figures[metric]) for figures in method["figures"].values()]
        lines.append(_line([name, *cells]))
    return "\n".join(lines)


def _detail(mean: float, gain: float, low: float, high: float) -> str:
    if gain == low == high == 0:
        return _short(mean)
    return f"{_short(mean)}: {_signed(gain)} ({_signed(low)}, {_signed(high)})"


def times(rows: Iterable[Row]) -> str:
    """Return seconds to fit each method, and microseconds to adapt one contact and score the catalogue."""
    rows = [row for row in rows if row["data"] != "noise"]
    names = dict.fromkeys(name for row in rows for name in row["methods"])
    lines = [_line(["method", *(f"{TITLES[row['data']]}: fit, adapt" for row in rows)])]
    lines.append(_line(["---"] * (len(rows) + 1)))
    lines += [_line([name, *(_time(row["methods"].get(name)) for row in rows)]) for name in names]
    return "\n".join(lines)


def _time(method: Mapping[str, Any] | None) -> str:
    return "-" if method is None else f"{method['fit_seconds']:.2f} s, {method['adapt_us']:,.0f} us"


def _size(row: Row) -> str:
    episodes = ", ".join(f"{count:,} at k = {cut}" for cut, count in row["episodes"].items())
    return f"{row['products']:,} products; test episodes: {episodes}. The run took {row['seconds'] / 60:.1f} minutes."


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(value: float) -> str:
    return f"{value:.4f}".removeprefix("0")


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("0.", ".", 1)


def write_page(page: Path, found: Mapping[tuple[str, bool], Row]) -> None:
    """Put the tables between the two marks of a page."""
    text = page.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n\n{tables(found)}\n\n{END}{after}", "utf-8")
