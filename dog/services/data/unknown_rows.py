"""Rows of scores and transactions that name products or contacts without a row: the nearest known, and the sum."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dog.core.spoken import counted
from dog.services.data.row_values import RowOutcome
from dog.services.lists.unknown_names import (
    MAX_SUGGESTED,
    nearest_products,
)
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store

MAX_SHOWN = 10
WORDS = {
    "product": ("product", " without a row"),
    "contact": ("contact", " without a row"),
    "channel": ("unknown channel", ""),
    "time": ("unknown time", ""),
    "model": ("unknown model", ""),
    "attribute_value": ("unknown account", ""),
}


def suggest_in_rows(store: Store, results: Sequence[RowOutcome]) -> list[RowOutcome]:
    """Return the results with the nearest known product in their warnings."""
    names = [result.warning.name for result in results if result.warning and result.warning.kind == "product"]
    first = list(dict.fromkeys(names))[:MAX_SUGGESTED]
    if not first:
        return list(results)
    near = dict(zip(first, nearest_products(read_catalogue(store), first), strict=True))
    return [
        replace(result, warning=replace(result.warning, near=near.get(result.warning.name)))
        if result.warning and result.warning.kind == "product"
        else result
        for result in results
    ]


def describe_unknown(store: Store, counts: Mapping[tuple[str, str], int], unit: str = "row") -> list[str]:
    """Return one line a kind of unknown names: the most frequent ones, how often each came, and the nearest known.

    `counts` is by kind and name; contacts may be counted together under an empty name.
    """
    by_kind: dict[str, Counter[str]] = {}
    for (kind, name), count in counts.items():
        by_kind.setdefault(kind, Counter())[name] += count
    lines = []
    for kind, names in by_kind.items():
        noun, rest = WORDS[kind]
        if "" in names:
            lines.append(f"{noun}s{rest}: {counted(names[''], unit)}")
            continue
        shown = names.most_common(MAX_SHOWN)
        near = dict.fromkeys(names)
        if kind == "product":
            most = [name for name, _ in shown]
            near |= dict(zip(most, nearest_products(read_catalogue(store), most), strict=True))
        told = [f"{name[:60]} ({counted(count, unit)}{_hint(near[name])})" for name, count in shown]
        told += ["..."] if len(names) > len(shown) else []
        lines.append(f"{counted(len(names), noun)}{rest}: {', '.join(told)}")
    return lines


def _hint(near: str | None) -> str:
    return f"; did you mean {near}?" if near else ""
