"""The numbers of the chosen options, as receipts show them, and the rules that acted on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_

import numpy as np
import orjson

from dog.core.kernels import score
from dog.core.receipt import model_columns
from dog.core.rulebook.rule_outcomes import UnknownRule
from dog.services.lists.rank_request import Ranking

FACTORS = {
    "consolidated": score.CONSOLIDATED,
    "performance": score.PERFORMANCE,
    "streak": score.STREAK,
    "market": score.MARKET,
    "business": score.BUSINESS,
    "clamp": score.CLAMP,
}
"""Rows of `Scored.factors` that receipts show or use."""
OF_MODEL = ("raw", "calibrated", "multiplier", "share")
"""Numbers of each model: `raw.cf`, `calibrated.cf`, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Winners:
    """The chosen options of one contact, best first.

    Parameters
    ----------
    options, products
        Position of each among the options, and its product number.
    numbers
        Name and values of each number, shape (winners,).
    scored_by
        Names of the models that have a score of each.
    fired
        Numbers of the rules that multiplied or pinned each, in the order of the policy.
    unknown
        Rules that are neither true nor false for each.

    """

    options: list[int]
    products: list[int]
    numbers: Mapping[str, np.ndarray]
    scored_by: Sequence[tuple[str, ...]]
    fired: Sequence[tuple[int, ...]]
    unknown: Sequence[Sequence[UnknownRule]]

    def __len__(self) -> int:
        return len(self.options)

    def texts(self) -> dict[str, list[bytes]]:
        """Return the numbers as JSON, NaN as null, by name."""
        count, names = len(self), list(self.numbers)
        if not count:
            return {name: [] for name in names}
        table = np.concatenate(list(self.numbers.values()))
        texts = orjson.dumps(table, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
        return {name: texts[place * count : (place + 1) * count] for place, name in enumerate(names)}


def winners_of(ranking: Ranking) -> Winners:
    """Return the chosen options of a ranking of one contact."""
    ranked, options, chosen = ranking.ranked, ranking.options, ranking.ranked.chosen
    numbers = {"score": ranked.scores.take(chosen), "order_score": ranked.order_scores.take(chosen)}
    factors = ranked.scored.factors.take(chosen, axis=1)
    numbers |= {name: factors[row] for name, row in FACTORS.items()}
    plain = factors[score.PLAIN]
    numbers["effective_multiplier"] = np.divide(numbers["score"], plain, out=np.ones(len(chosen)), where=plain > 0)
    if ranking.propensities is not None:
        numbers["propensity"] = ranking.propensities
    plan = ranking.active.plan
    of_models = model_columns(ranked.scored, options.raw, plan.consolidator, chosen)
    names, scored_by = plan.names, _scored_by(plan.names, of_models[0])
    some = set().union(*scored_by)
    for of_model, rows in zip(OF_MODEL, of_models, strict=True):
        numbers |= {f"{of_model}.{name}": row for name, row in zip(names, rows, strict=True) if name in some}
    return Winners(
        options=chosen.tolist(),
        products=options.products.take(chosen).tolist(),
        numbers=numbers,
        scored_by=scored_by,
        fired=ranked.rules.fired(chosen),
        unknown=ranked.rules.unknown(chosen),
    )


def _scored_by(names: Sequence[str], raw: np.ndarray) -> list[tuple[str, ...]]:
    missing = list(map(tuple, np.isnan(raw).T.tolist()))
    shapes = {lacks: tuple(compress(names, map(not_, lacks))) for lacks in set(missing)}
    return [shapes[lacks] for lacks in missing]
