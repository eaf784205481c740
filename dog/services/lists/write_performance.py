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

CHANGING = frozenset({"recursions", "multiplier"})
"""Columns that the request changes; with the memory of past cases `odds` too."""
Row = dict[str, bytes]
"""What the evidence of a pair comes to: the values of the columns that `as_shown` returns, as JSON."""


def write_performance(ranking: Ranking, winners: Winners, memories: Sequence[Mapping[str, Any] | None]) -> list[bytes]:
    """Return each item's performance factors as JSON; a multiplier that is applied to a model is 1 here.

    `memories` are what `describe_memory` says of each option.
    """
    multipliers, count = ranking.active.multipliers, len(winners)
    if multipliers is None or ranking.active.variant == NO_MULTIPLIER:
        settings = multipliers.settings if multipliers else ranking.active.policy.reinforcement
        return [orjson.dumps(no_performance(settings))] * count
    if not count:
        return []
    changing: dict[str, Sequence[bytes]] = {"recursions": [b"%d" % ranking.contact.recursions] * count}
    changing["multiplier"] = orjson.dumps(winners.number("performance").tolist())[1:-1].split(b",")
    if ranking.options.recalled is not None:
        changing |= _memory_columns(ranking, memories)
    templates = _templates(ranking, winners, multipliers, [bool(memory) for memory in memories])
    return [
        template.fill([changing[name][place] for name in template.columns]) for place, template in enumerate(templates)
    ]


def _memory_columns(ranking: Ranking, memories: Sequence[Mapping[str, Any] | None]) -> dict[str, list[bytes]]:
    """Return what the memory of past cases says, and the odds that it made: the published ones x its `factor`."""
    published = _published(ranking).take(ranking.ranked.chosen).tolist()
    rows = zip(published, memories, strict=True)
    return {
        "odds": [orjson.dumps(odds * memory["factor"] if memory else odds) for odds, memory in rows],
        "memory": list(map(orjson.dumps, memories)),
    }


def _templates(
    ranking: Ranking, winners: Winners, multipliers: PolicyMultipliers, has_memory: Sequence[bool]
) -> list[Template]:
    """Return the template of each option's factors, filled but for what the request changes.

    Those of pairs without feedback are kept.
    """
    known, is_recalled = ranking.active.receipts.performance, ranking.options.recalled is not None
    has_own = (ranking.options.pair_places.take(ranking.ranked.chosen) >= 0).tolist()
    keys = [(product, is_recalled, memory) for product, memory in zip(winners.products, has_memory, strict=True)]
    found = [None if own else known.get(key) for own, key in zip(has_own, keys, strict=True)]
    missing = [place for place, template in enumerate(found) if template is None]
    rows = _explain(ranking, multipliers, ranking.ranked.chosen[missing]) if missing else []
    for place, row in zip(missing, rows, strict=True):
        made = _template(ranking, multipliers, row, is_recalled=is_recalled, has_memory=has_memory[place])
        found[place] = made
        if not has_own[place]:
            known[keys[place]] = made
    return [template for template in found if template is not None]


def _template(
    ranking: Ranking, multipliers: PolicyMultipliers, row: Row, *, is_recalled: bool, has_memory: bool
) -> Template:
    """Return the template of factors, filled with a row."""

    def make() -> Template:
        settings, target = multipliers.settings, ranking.active.plan.targets.performance
        document: dict[str, Any] = {name: Hole(name) for name in row}
        if settings.neutral == "expected":
            document["trust"] = describe_trust(trust_of(multipliers.priors, settings))
        if has_memory:
            document["memory"] = Hole("memory")
        return Template.of(document if target == "consolidated" else applied_to_model(document, target))

    changing = CHANGING if not is_recalled else {*CHANGING, "odds"}
    given = {name: value for name, value in row.items() if name not in changing}
    return ranking.active.receipts.template(("performance", has_memory), make).fill_some(given)


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
