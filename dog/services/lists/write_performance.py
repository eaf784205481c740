"""Write the performance factors of chosen options; those of pairs without feedback are the same for all contacts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from dog.core.json_template import Hole
from dog.core.learning.reinforcement import trust_of
from dog.core.receipt import applied_to_model, describe_trust, explain_pairs, no_performance, shown_factors, shown_names
from dog.core.traffic_split import NO_MULTIPLIER
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import Winners

PREFIX = "performance."
"""Of the columns of texts."""
COUNTS = ("wins", "pitches")
"""The first columns of a row: whole numbers."""
Row = tuple[bytes, ...]
"""What the evidence of a pair comes to: the columns of `shown_names`, as JSON."""


def performance_document(ranking: Ranking, *, has_memory: bool) -> dict[str, Any]:
    """Return the document of an item's performance factors; a multiplier that is applied to a model is 1 here.

    `has_memory` says whether the memory of past cases changed the option.
    """
    multipliers, target = _multipliers(ranking), ranking.active.plan.targets.performance
    if multipliers is None:
        published = ranking.active.multipliers
        return no_performance(published.settings if published else ranking.active.policy.reinforcement)
    settings = multipliers.settings
    document: dict[str, Any] = {name: _hole(name) for name in (*shown_names(settings), "recursions")}
    document["multiplier"] = Hole("performance")
    if settings.neutral == "expected":
        document["trust"] = describe_trust(trust_of(multipliers.priors, settings))
    if has_memory:
        document["memory"] = _hole("memory")
    return document if target == "consolidated" else applied_to_model(document, target)


def performance_texts(
    ranking: Ranking, winners: Winners, memories: Sequence[Mapping[str, Any] | None]
) -> dict[str, Sequence[bytes]]:
    """Return the texts of `performance_document`, by column; `memories` are what `describe_memory` says of each option.

    There are none before the first version, and for contacts without multipliers.
    """
    multipliers = _multipliers(ranking)
    if multipliers is None or not len(winners):
        return {}
    rows = zip(*_rows(ranking, winners, multipliers), strict=True)
    columns: dict[str, Sequence[bytes]] = dict(zip(shown_names(multipliers.settings), rows, strict=True))
    columns["recursions"] = [b"%d" % ranking.contact.recursions] * len(winners)
    order_odds = ranking.options.order_odds
    if multipliers.settings.neutral == "expected" and order_odds is not None:  # exploration acts on the order alone
        columns["explore"] = _numbers(order_odds.take(ranking.ranked.chosen).tolist())
    if ranking.options.recalled is not None:
        columns |= _memory_columns(ranking, memories)
    return {PREFIX + name: texts for name, texts in columns.items()}


def _multipliers(ranking: Ranking) -> PolicyMultipliers | None:
    return None if ranking.active.variant == NO_MULTIPLIER else ranking.active.multipliers


def _hole(name: str) -> Hole:
    return Hole(PREFIX + name)


def _memory_columns(ranking: Ranking, memories: Sequence[Mapping[str, Any] | None]) -> dict[str, list[bytes]]:
    """Return what the memory of past cases says, and the odds that it made: the published ones x its `factor`."""
    published = _published(ranking).take(ranking.ranked.chosen).tolist()
    rows = zip(published, memories, strict=True)
    return {
        "odds": [orjson.dumps(odds * memory["factor"] if memory else odds) for odds, memory in rows],
        "memory": list(map(orjson.dumps, memories)),
    }


def _rows(ranking: Ranking, winners: Winners, multipliers: PolicyMultipliers) -> list[Row]:
    """Return the row of each option; the rows of pairs without feedback are kept."""
    known, chosen = ranking.active.receipts.performance, ranking.ranked.chosen
    places = ranking.options.pair_places.take(chosen)
    options = list(zip((places >= 0).tolist(), winners.products, strict=True))
    missing = [rank for rank, (own, product) in enumerate(options) if own or product not in known]
    if not missing:
        return [known[product] for _, product in options]
    rows = _explain(ranking, multipliers, chosen.take(missing), places.take(missing))
    made = dict(zip(missing, rows, strict=True))
    known |= {options[rank][1]: row for rank, row in made.items() if not options[rank][0]}
    return [made[rank] if rank in made else known[product] for rank, (_, product) in enumerate(options)]


def _explain(
    ranking: Ranking, multipliers: PolicyMultipliers, options: np.ndarray, places: np.ndarray
) -> Iterator[Row]:
    """Yield the rows of some options, given the places of their records."""
    found = explain_pairs(
        ranking.options.products.take(options),
        ranking.options.pairs,
        places,
        _published(ranking).take(options),
        multipliers.priors,
        ranking.contact.recursions,
        multipliers.settings,
    )
    columns = shown_factors(found)
    counts = [b"%d" % count for name in COUNTS for count in columns.pop(name).tolist()]
    texts = _numbers([one for column in columns.values() for one in column.tolist()])
    count = len(options)
    return ((*counts[place::count], *texts[place::count]) for place in range(count))


def _numbers(numbers: list[float]) -> list[bytes]:
    """Return numbers as JSON, NaN as null."""
    return orjson.dumps(numbers)[1:-1].split(b",")


def _published(ranking: Ranking) -> np.ndarray:
    """Return the multipliers as the version holds them, without what memory makes of them."""
    recalled = ranking.options.recalled
    return ranking.options.performance if recalled is None else recalled.published
