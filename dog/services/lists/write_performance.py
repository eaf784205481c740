"""Write the performance factors of chosen options; those of pairs without feedback are the same for all contacts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from dog.core.json_template import Hole, Template
from dog.core.learning.reinforcement import trust_of
from dog.core.receipt import applied_to_model, describe_trust, no_performance, shown_factors, shown_names
from dog.core.traffic_split import NO_MULTIPLIER
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import Winners

COUNTS = ("wins", "pitches")
"""The first columns of a row: whole numbers."""
Row = tuple[bytes, ...]
"""What the evidence of a pair comes to: the columns of `shown_names`, as JSON."""


def write_performance(
    ranking: Ranking,
    winners: Winners,
    factors: Sequence[bytes],
    memories: Sequence[Mapping[str, Any] | None],
) -> list[bytes]:
    """Return each item's performance factors as JSON; a multiplier that is applied to a model is 1 here.

    `factors` are the multipliers of the scores as JSON, `memories` what `describe_memory` says of each option.
    """
    multipliers, count = ranking.active.multipliers, len(winners)
    if multipliers is None or ranking.active.variant == NO_MULTIPLIER:
        settings = multipliers.settings if multipliers else ranking.active.policy.reinforcement
        return [orjson.dumps(no_performance(settings))] * count
    if not count:
        return []
    rows = zip(*_rows(ranking, winners, multipliers), strict=True)
    columns: dict[str, Sequence[bytes]] = dict(zip(shown_names(multipliers.settings), rows, strict=True))
    columns |= {"recursions": [b"%d" % ranking.contact.recursions] * count, "multiplier": factors}
    texts = _template(ranking, multipliers).write(columns, count)
    if ranking.options.recalled is None:
        return texts
    columns |= _memory_columns(ranking, memories)
    recalled = _template(ranking, multipliers, has_memory=True).write(columns, count)
    return [with_it if memory else text for text, with_it, memory in zip(texts, recalled, memories, strict=True)]


def _template(ranking: Ranking, multipliers: PolicyMultipliers, *, has_memory: bool = False) -> Template:
    """Return the template of factors, of those that memory has changed or of all others."""

    def make() -> Template:
        settings, target = multipliers.settings, ranking.active.plan.targets.performance
        names = (*shown_names(settings), "recursions", "multiplier")
        document: dict[str, Any] = {name: Hole(name) for name in names}
        if settings.neutral == "expected":
            document["trust"] = describe_trust(trust_of(multipliers.priors, settings))
        if has_memory:
            document["memory"] = Hole("memory")
        return Template(document if target == "consolidated" else applied_to_model(document, target))

    return ranking.active.receipts.template(("performance", has_memory), make)


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
    settings, order_odds = multipliers.settings, ranking.options.order_odds
    columns = shown_factors(
        ranking.options.products.take(options),
        ranking.options.pairs,
        places,
        _published(ranking).take(options),
        multipliers.priors,
        ranking.contact.recursions,
        settings,
    )
    if settings.neutral == "expected" and order_odds is not None:  # exploration acts on the order alone
        columns["explore"] = order_odds.take(options)
    counts = [b"%d" % count for name in COUNTS for count in columns.pop(name).tolist()]
    texts = orjson.dumps([one for column in columns.values() for one in column.tolist()])[1:-1].split(b",")
    count = len(options)
    return ((*counts[place::count], *texts[place::count]) for place in range(count))


def _published(ranking: Ranking) -> np.ndarray:
    """Return the multipliers as the version holds them, without what memory makes of them."""
    recalled = ranking.options.recalled
    return ranking.options.performance if recalled is None else recalled.published
