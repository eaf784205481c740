"""Write the performance factors of chosen options; those of pairs without feedback are the same for all contacts."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import orjson

from dog.core.json_template import Hole, Template
from dog.core.learning.reinforcement import trust_of
from dog.core.receipt import applied_to_model, as_shown, describe_trust, no_performance, performance_columns
from dog.core.records import PAIRS
from dog.core.traffic_split import NO_MULTIPLIER
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import Winners

Row = dict[str, bytes]
"""What the evidence of a pair comes to: the values of the columns that `as_shown` returns, as JSON."""


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
    rows = _rows(ranking, winners, multipliers)
    names, values = list(rows[0]), zip(*map(Row.values, rows), strict=True)
    columns: dict[str, Sequence[bytes]] = dict(zip(names, values, strict=True))
    columns |= {"recursions": [b"%d" % ranking.contact.recursions] * count, "multiplier": factors}
    texts = _template(ranking, multipliers, names).write(columns, count)
    if ranking.options.recalled is None:
        return texts
    columns |= _memory_columns(ranking, memories)
    recalled = _template(ranking, multipliers, [*names, "memory"]).write(columns, count)
    return [with_it if memory else text for text, with_it, memory in zip(texts, recalled, memories, strict=True)]


def _template(ranking: Ranking, multipliers: PolicyMultipliers, names: Sequence[str]) -> Template:
    """Return the template of factors with these columns."""

    def make() -> Template:
        settings, target = multipliers.settings, ranking.active.plan.targets.performance
        document: dict[str, Any] = {name: Hole(name) for name in names if name != "memory"}
        if settings.neutral == "expected":
            document["trust"] = describe_trust(trust_of(multipliers.priors, settings))
        if "memory" in names:
            document["memory"] = Hole("memory")
        return Template(document if target == "consolidated" else applied_to_model(document, target))

    return ranking.active.receipts.template(("performance", len(names)), make)


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
    known = ranking.active.receipts.performance
    has_own = (ranking.options.pair_places.take(ranking.ranked.chosen) >= 0).tolist()
    options = zip(has_own, winners.products, strict=True)
    missing = [place for place, (own, product) in enumerate(options) if own or product not in known]
    explained = _explain(ranking, multipliers, ranking.ranked.chosen[missing]) if missing else []
    made = dict(zip(missing, explained, strict=True))
    known |= {winners.products[place]: row for place, row in made.items() if not has_own[place]}
    return [made[place] if place in made else known[product] for place, product in enumerate(winners.products)]


def _explain(ranking: Ranking, multipliers: PolicyMultipliers, options: np.ndarray) -> list[Row]:
    """Return the rows of some options."""
    places = ranking.options.pair_places[options]
    pairs = np.zeros(len(options), PAIRS)
    pairs[places >= 0] = ranking.contact.pairs[places[places >= 0]]
    columns = performance_columns(
        ranking.options.products[options],
        pairs,
        _published(ranking)[options],
        multipliers.priors,
        ranking.contact.recursions,
        multipliers.settings,
    )
    order_odds = ranking.options.order_odds
    if multipliers.settings.neutral == "expected" and order_odds is not None:  # exploration acts on the order alone
        columns["explore"] = order_odds[options].tolist()
    shown = as_shown(columns, multipliers.settings)
    texts = orjson.dumps([*chain.from_iterable(shown.values())])[1:-1].split(b",")
    return [dict(zip(shown, texts[place :: len(options)], strict=True)) for place in range(len(options))]


def _published(ranking: Ranking) -> np.ndarray:
    """Return the multipliers as the version holds them, without what memory makes of them."""
    recalled = ranking.options.recalled
    return ranking.options.performance if recalled is None else recalled.published
