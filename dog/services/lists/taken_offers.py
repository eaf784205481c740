"""What takes offers away from contacts, each cause by itself: a rule, a rest after a discard, the season."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from dog.core.kernels.rank_by_rules import TRUE
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.services.lists.rank_request import Ranking


class Cause(NamedTuple):
    """What takes offers away or, a rule that multiplies by less than 1, lowers their scores."""

    kind: Literal["rule", "rest", "season"]
    rule_id: str = ""


class TakenOffers(NamedTuple):
    """The options of one or more contacts that a cause acts on, and what contacts would have without it."""

    cause: Cause
    options: np.ndarray  # marks, shape (options,)
    best: np.ndarray  # highest score that each contact would have, NaN where it would have none, shape (contacts,)


def excluded_by_rules(ranking: Ranking) -> dict[int, np.ndarray]:
    """Return by number of the rule which options it excludes, whether or not another rule excludes them too."""
    found, outcomes, counts = {}, ranking.ranked.rules, ranking.inputs.rule_columns.event_counts
    windows = ranking.active.plan.rulebook.limits
    for number, (it, states) in enumerate(zip(outcomes.rules, outcomes.states, strict=True)):
        effect = it.rule.effect
        if isinstance(effect, Exclude):
            found[number] = states == TRUE
        elif isinstance(effect, Limit):
            found[number] = (states == TRUE) & (counts[windows.index(effect.window)] >= effect.at_most)
    return found


def best_offers(ranking: Ranking, scores: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """Return the highest score of each contact among the options that are marked, NaN where it has none."""
    starts = ranking.options.starts
    best, has_options = np.full(len(starts) - 1, np.nan), np.diff(starts) > 0
    if has_options.any():
        known = np.where(offered & ~np.isnan(scores), scores, -np.inf)
        highest = np.maximum.reduceat(known, starts[:-1][has_options])
        best[has_options] = np.where(np.isneginf(highest), np.nan, highest)
    return best


def find_taken_offers(ranking: Ranking) -> Iterator[TakenOffers]:
    """Yield what each cause takes away; causes that act on none of the options are left out."""
    rules, scores = ranking.ranked.rules, ranking.ranked.scores
    taken = {Cause("rule", rules.rules[number].rule.id): marks for number, marks in excluded_by_rules(ranking).items()}
    taken |= {
        Cause("rest"): ranking.inputs.verdicts.snoozed_until_ms > 0,
        Cause("season"): ~ranking.inputs.available,
    }
    causes_of_option = np.sum(list(taken.values()), axis=0, dtype=np.int64)
    for cause, marks in taken.items():
        if marks.any():
            yield TakenOffers(cause, marks, best_offers(ranking, scores, causes_of_option == marks))
    for it, states in zip(rules.rules, rules.states == TRUE, strict=True):
        effect = it.rule.effect
        if isinstance(effect, Multiply) and 0 < effect.factor < 1 and states.any():
            raised = np.where(states, scores / effect.factor, scores)
            yield TakenOffers(Cause("rule", it.rule.id), states, best_offers(ranking, raised, ranking.ranked.eligible))
