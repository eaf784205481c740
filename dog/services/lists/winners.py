"""The numbers of the chosen options, as receipts show them, and the rules that acted on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

import numpy as np
import orjson

from dog.core.kernels.explain import NUMBERS, OF_MODEL
from dog.core.receipt import option_numbers
from dog.core.rulebook.rule_outcomes import UnknownRule
from dog.services.lists.rank_request import Ranking


@dataclass(slots=True, kw_only=True)
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
        count = len(self)
        if not count:
            return {name: [] for name in self.numbers}
        texts = orjson.dumps(np.concatenate([*self.numbers.values()]), option=orjson.OPT_SERIALIZE_NUMPY)
        values = texts[1:-1].split(b",")
        return {name: values[place * count : (place + 1) * count] for place, name in enumerate(self.numbers)}


def winners_of(ranking: Ranking) -> Winners:
    """Return the chosen options of a ranking of one contact."""
    ranked, options, chosen = ranking.ranked, ranking.options, ranking.ranked.chosen
    plan, final = ranking.active.plan, (ranked.scores, ranked.order_scores)
    table = option_numbers(ranked.scored, options.raw, plan.consolidator, chosen, final)
    numbers = dict(zip(number_names(plan.names), table, strict=True))
    if ranking.propensities is not None:
        numbers["propensity"] = ranking.propensities
    return Winners(
        options=chosen.tolist(),
        products=options.products.take(chosen).tolist(),
        numbers=numbers,
        scored_by=_scored_by(plan.names, table[len(NUMBERS) :: len(OF_MODEL)]),
        fired=ranked.rules.fired(chosen),
        unknown=ranked.rules.unknown(chosen),
    )


@lru_cache(maxsize=1024)
def number_names(models: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the rows of `explain_options`: `score`, ..., and for each model `raw.cf`, ..."""
    return (*NUMBERS, *(f"{of_model}.{name}" for name in models for of_model in OF_MODEL))


def _scored_by(names: Sequence[str], raw: np.ndarray) -> list[tuple[str, ...]]:
    """Return the models that have a score of each option, given the raw scores, shape (models, options)."""
    known = list(map(tuple, (raw == raw).T.tolist()))  # noqa: PLR0124  # False where NaN
    shapes = {row: tuple(compress(names, row)) for row in set(known)}
    return [shapes[row] for row in known]
