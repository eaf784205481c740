"""Write the performance factors of chosen options; those of pairs without feedback are the same for all contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from dog.core.json_template import Hole, Template
from dog.core.receipt import applied_to_model, as_shown, describe_performance, no_performance, with_memory
from dog.core.records import PAIRS
from dog.core.traffic_split import NO_MULTIPLIER
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import Winners


def write_performance(
    ranking: Ranking,
    winners: Winners,
    factors: Sequence[bytes],
    memories: Sequence[Mapping[str, Any] | None],
) -> list[bytes]:
    """Return each item's performance factors as JSON; a multiplier that is applied to a model is 1 here.

    `factors` are the multipliers of the scores as JSON, `memories` what `describe_memory` says of each option.
    """
    multipliers = ranking.active.multipliers
    if multipliers is None or ranking.active.variant == NO_MULTIPLIER:
        settings = multipliers.settings if multipliers else ranking.active.policy.reinforcement
        return [orjson.dumps(no_performance(settings))] * len(winners)
    target = ranking.active.plan.targets.performance
    recursions = b"%d" % ranking.contact.recursions
    shown = factors if target == "consolidated" else [b"1.0"] * len(winners)
    rows = zip(_templates(ranking, winners, multipliers, memories), shown, strict=True)
    return [template.pattern % (recursions, factor) for template, factor in rows]


def _templates(
    ranking: Ranking, winners: Winners, multipliers: PolicyMultipliers, memories: Sequence[Mapping[str, Any] | None]
) -> list[Template]:
    """Return each option's factors with holes for recursions and multiplier."""
    if ranking.options.recalled is not None:
        explained = _explain(ranking, multipliers, ranking.ranked.chosen)
        return [_template(ranking, row) for row in map(with_memory, explained, memories)]
    known = ranking.active.receipts.performance
    has_own = (ranking.options.pair_places.take(ranking.ranked.chosen) >= 0).tolist()
    rows = zip(has_own, winners.products, strict=True)
    missing = [place for place, (own, product) in enumerate(rows) if own or product not in known]
    if not missing:
        return [known[product] for product in winners.products]
    explained = _explain(ranking, multipliers, ranking.ranked.chosen[missing])
    made = {place: _template(ranking, row) for place, row in zip(missing, explained, strict=True)}
    known |= {winners.products[place]: template for place, template in made.items() if not has_own[place]}
    return [made[place] if place in made else known[product] for place, product in enumerate(winners.products)]


def _template(ranking: Ranking, row: dict[str, Any]) -> Template:
    multipliers, target = ranking.active.multipliers, ranking.active.plan.targets.performance
    settings = multipliers.settings if multipliers else ranking.active.policy.reinforcement
    shown = as_shown(row, settings)
    if target != "consolidated":
        shown = applied_to_model(shown, target)
    return Template({**shown, "recursions": Hole("recursions"), "multiplier": Hole("performance")})


def _explain(ranking: Ranking, multipliers: PolicyMultipliers, options: np.ndarray) -> list[dict[str, Any]]:
    places = ranking.options.pair_places[options]
    pairs = np.zeros(len(options), PAIRS)
    pairs[places >= 0] = ranking.contact.pairs[places[places >= 0]]
    recalled = ranking.options.recalled
    published = ranking.options.performance if recalled is None else recalled.published
    return describe_performance(
        ranking.options.products[options],
        pairs,
        published[options],
        multipliers.priors,
        ranking.contact.recursions,
        multipliers.settings,
    )
