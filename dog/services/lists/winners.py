"""The numbers of the chosen options, as receipts show them, and the rules that acted on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

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
    names, table
        Names of the numbers, and their values, shape (winners, numbers).
    fired
        Numbers of the rules that multiplied or pinned each, in the order of the policy.
    unknown
        Rules that are neither true nor false for each.

    """

    options: list[int]
    products: list[int]
    names: tuple[str, ...]
    table: np.ndarray
    fired: Sequence[tuple[int, ...]]
    unknown: Sequence[Sequence[UnknownRule]]

    def __len__(self) -> int:
        return len(self.options)

    def number(self, name: str) -> np.ndarray:
        """Return the values of a number, shape (winners,)."""
        return np.asarray(self.table[:, self.names.index(name)])


def winners_of(ranking: Ranking) -> Winners:
    """Return the chosen options of a ranking of one contact."""
    ranked, options, chosen = ranking.ranked, ranking.options, ranking.ranked.chosen
    plan, final = ranking.active.plan, (ranked.scores, ranked.order_scores)
    table = option_numbers(ranked.scored, options.raw, plan.consolidator, chosen, final)
    if ranking.propensities is not None:
        table = np.column_stack((table, ranking.propensities))
    return Winners(
        options=chosen.tolist(),
        products=options.products.take(chosen).tolist(),
        names=number_names(plan.names, is_drawn=ranking.propensities is not None),
        table=table,
        fired=ranked.rules.fired(chosen),
        unknown=ranked.rules.unknown(chosen),
    )


@lru_cache(maxsize=1024)
def number_names(models: tuple[str, ...], *, is_drawn: bool) -> tuple[str, ...]:
    """Return the names of the columns of `explain_options`: `score`, ..., and for each model `raw.cf`, ...

    Where the policy splits its traffic, each option has a `propensity` too.
    """
    of_models = (f"{of_model}.{name}" for name in models for of_model in OF_MODEL)
    return (*NUMBERS, *of_models, *(["propensity"] if is_drawn else []))
