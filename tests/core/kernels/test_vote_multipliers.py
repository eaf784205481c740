from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.vote_multipliers import multiply_by_votes, net_of_options, net_votes, vote_multiplier
from dog.core.records import VOTE
from dog.core.verdicts.cross_contact import SCOPES, CrossContactVerdicts, VoteScope, read_cross_contact, scope_key
from tests.core.kernels.oracles import ACCEPT, DISCARD, streak

Vote = tuple[int, int]
"""The day of a vote, and its weight."""
SEGMENT, ACTOR, ACCOUNT = 9, 8, 5

pytestmark = pytest.mark.filterwarnings("ignore:overflow")  # of digests: numbers modulo 2^64, where numba is off

cast = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.integers(1, 4),
            "subject": st.integers(1, 6),
            "within": st.sampled_from([ACTOR, SEGMENT]),
            "voter": st.integers(1, 4),
            "at": st.integers(0, 400).map(lambda day: day * DAY_MS),
            "sign": st.sampled_from([-1, 1]),
        }
    ),
    max_size=20,
)


def read(rows: Sequence[Mapping[str, Any]]) -> CrossContactVerdicts:
    names = list(VOTE.names or ())
    return read_cross_contact(np.array([tuple(row[name] for name in names) for row in rows], VOTE))


def votes_on(found: CrossContactVerdicts, scope: VoteScope, subject: int, within: int) -> list[Vote]:
    """Return the votes on a key, looked up one by one."""
    of = found.of(scope)
    rows = of.rows(scope_key(scope, subject=subject, within=within))
    return list(zip((of.at_ms[rows] // DAY_MS).tolist(), of.weight[rows].tolist(), strict=True))


def multiplier(votes: list[Vote], now_day: int, scope: VoteScope) -> float:
    counted = [(day, weight) for day, weight in votes if day + scope.lasts_days > now_day]
    net = sum(weight for _, weight in counted)
    last = max((day for day, weight in counted if weight * net > 0), default=0)
    return streak(net, max(now_day - last, 0), scope.needed - 1, scope.half_life_days)


@given(st.lists(st.tuples(st.integers(0, 150), st.sampled_from([-1, 0, 1])), max_size=8), st.integers(0, 300))
def test_votes_have_the_multiplier_of_their_number_and_age(votes: list[Vote], now_day: int) -> None:
    at_ms, weight = np.array(votes, np.int64).reshape(-1, 2).T.copy() * [[DAY_MS], [1]]
    scope, now_ms = SCOPES["segment"], now_day * DAY_MS
    lasts_ms = scope.lasts_days * DAY_MS

    found = vote_multiplier(
        0, len(votes), at_ms, weight, now_ms, lasts_ms, scope.needed, scope.half_life_days, ACCEPT, DISCARD
    )

    assert found == pytest.approx(multiplier(votes, now_day, scope), rel=1e-14)
    net = sum(weight for day, weight in votes if day + scope.lasts_days > now_day)
    assert net_votes(0, len(votes), at_ms, weight, now_ms, lasts_ms) == net


@given(cast, st.lists(st.integers(1, 8), max_size=6), st.integers(0, 500))
def test_each_option_has_the_votes_on_its_category_in_each_scope(
    rows: list[dict[str, Any]], categories: list[int], now_day: int
) -> None:
    found, now_ms = read(rows), now_day * DAY_MS
    net = net_of_options(np.array(categories, np.uint64), SEGMENT, ACCOUNT, ACTOR, now_ms, *found.tables)

    within = {"segment": SEGMENT, "actor": ACTOR}
    assert net.tolist() == [
        [
            sum(
                weight
                for day, weight in votes_on(
                    found, scope, ACCOUNT if name == "account" else category, within.get(name, 0)
                )
                if day + scope.lasts_days > now_day
            )
            for name, scope in SCOPES.items()
        ]
        for category in categories
    ]


@given(cast, st.lists(st.integers(1, 8), max_size=6), st.integers(0, 500), st.sampled_from([0, ACTOR]), st.booleans())
def test_options_have_the_multipliers_of_market_and_business(
    rows: list[dict[str, Any]], categories: list[int], now_day: int, actor: int, counts: bool
) -> None:
    found, now_ms = read(rows), now_day * DAY_MS
    categories += [category + 256 for category in categories]  # others with the same lowest bits
    market, business = multiply_by_votes(
        np.array(categories, np.uint64), SEGMENT, actor, counts, now_ms, ACCEPT, DISCARD, *found.tables
    )

    def of(name: str, category: int, within: int = 0) -> float:
        scope = SCOPES[name]
        return multiplier(votes_on(found, scope, category, within), now_day, scope)

    by_market = [(of("segment", category, SEGMENT), of("tenant", category)) for category in categories]
    assert market == pytest.approx([max(pair, key=lambda one: abs(np.log(one))) for pair in by_market], rel=1e-14)
    by_business = [of("admin", one) * (of("actor", one, actor) if actor else 1.0) for one in categories]
    assert business == pytest.approx(by_business if counts else np.ones(len(categories)), rel=1e-14)
