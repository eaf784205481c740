from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.reinforcement_settings import Streak
from dog.core.records import VOTE
from dog.core.verdicts.cross_contact import (
    ACCOUNT,
    ACTOR,
    ADMIN,
    SCOPES,
    SEGMENT,
    TENANT,
    VoteKind,
    Votes,
    VoteScope,
    read_cross_contact,
    scope_key,
    vote_kind,
)

INK, GOLD, IRON = 7, 9, 8


def votes(*rows: dict[str, Any]) -> np.ndarray:
    ledger = np.zeros(len(rows), VOTE)
    for place, row in enumerate(rows):
        ledger[place]["at"], ledger[place]["sign"] = place + 1, -1
        for name, value in row.items():
            ledger[place][name] = value
    return ledger


def market(voter: int, sign: int = -1, segment: int = GOLD) -> dict[str, Any]:
    return {"kind": VoteKind.MARKET, "subject": INK, "within": segment, "voter": voter, "sign": sign}


def net(rows: np.ndarray, scope: VoteScope, within: int = GOLD, now_ms: int = 100) -> int:
    key = scope_key(scope, subject=INK, within=within)
    return read_cross_contact(rows).of(scope).net(key, now_ms, scope)


def test_one_voter_has_one_vote_however_often_it_speaks() -> None:
    assert net(votes(*[market(1)] * 5), SEGMENT) == -1
    assert net(votes(market(1), market(2)), SEGMENT) == -2


def test_votes_of_all_segments_count_once_for_the_tenant() -> None:
    rows = votes(market(1), market(1, segment=IRON), market(2, segment=IRON))

    assert net(rows, SEGMENT) == -1
    assert net(rows, TENANT) == -2


def test_an_accept_takes_away_one_vote_of_another_voter_or_its_own() -> None:
    refused = [market(1), market(2), market(3)]

    assert net(votes(*refused, market(4, 1)), SEGMENT) == -2
    assert net(votes(*refused, market(1, 1)), SEGMENT) == -2
    assert net(votes(*refused, market(1, 1), market(1, 1)), SEGMENT) == -2
    assert net(votes(*refused, market(1, 1), market(1)), SEGMENT) == -3


def test_business_verdicts_of_an_actor_count_one_by_one() -> None:
    one = {"kind": VoteKind.ACTOR, "subject": INK, "within": 1, "voter": 1}

    assert net(votes(one, one, one), ACTOR, within=1) == -3
    assert net(votes(one, one, {**one, "sign": 1}), ACTOR, within=1) == -1
    assert net(votes(one, one), ACTOR, within=2) == 0
    assert net(votes({**one, "kind": VoteKind.ADMIN, "within": 0}), ADMIN) == -1


def test_each_business_verdict_of_an_actor_ends_in_its_own_time() -> None:
    one = {"kind": VoteKind.ACTOR, "subject": INK, "within": 1, "voter": 1, "at": 0}
    rows, end_ms = votes(one, one, {**one, "at": 350 * DAY_MS}), 360 * DAY_MS

    assert net(rows, ACTOR, within=1, now_ms=end_ms - 1) == -3
    assert net(rows, ACTOR, within=1, now_ms=end_ms) == -1
    found = read_cross_contact(rows).actor
    assert found.acts_until_ms(scope_key(ACTOR, subject=INK, within=1), end_ms - 1, ACTOR) == end_ms


def test_a_vote_counts_until_its_time_is_over() -> None:
    rows, end_ms = votes(market(1), market(2)), 2 + 112 * DAY_MS

    assert net(rows, SEGMENT, now_ms=end_ms - 1) == -1  # the first vote ended a millisecond before
    assert net(rows, SEGMENT, now_ms=end_ms) == 0


def test_a_scope_acts_until_its_votes_fall_below_the_threshold() -> None:
    found = read_cross_contact(votes(market(1), market(2), market(3))).segment
    key = scope_key(SEGMENT, subject=INK, within=GOLD)

    assert found.acts_until_ms(key, 100, SEGMENT) == 2 + 112 * DAY_MS
    assert found.acts_until_ms(key, 2 + 112 * DAY_MS, SEGMENT) is None
    assert found.acts_until_ms(key + 1, 100, SEGMENT) is None


def test_lifted_votes_do_not_count_and_later_ones_do() -> None:
    key = scope_key(SEGMENT, subject=INK, within=GOLD)
    found = read_cross_contact(votes(market(1), market(2), market(3)), {("segment", key): 2})

    assert found.segment.net(key, 100, SEGMENT) == -1
    assert found.tenant.net(INK, 100, TENANT) == -3


@pytest.mark.parametrize(("scope", "count"), [(SEGMENT, 2), (TENANT, 3), (ADMIN, 1)])
def test_each_scope_acts_from_its_threshold_on_and_fades_by_its_half_life(scope: VoteScope, count: int) -> None:
    rows = [{**market(voter), "kind": scope.kind, "at": 0} for voter in range(1, count + 1)]
    enough = read_cross_contact(votes(*rows)).of(scope)
    too_few = read_cross_contact(votes(*rows[1:], {**rows[0], "subject": INK + 1})).of(scope)
    later_ms = round(scope.half_life_days * DAY_MS)

    def multipliers(of: Votes, now_ms: int) -> list[float]:
        return [of.multiplier(key, now_ms, scope, Streak()) for key in of.key.tolist()]

    assert multipliers(enough, 0)[0] == pytest.approx(0.816263459719, abs=1e-12)
    assert multipliers(enough, later_ms)[0] == pytest.approx(0.816263459719**0.5, abs=1e-12)
    if count > 1:
        assert multipliers(too_few, 0) == [1, 1]


def test_without_votes_there_are_none() -> None:
    found = read_cross_contact(votes())

    assert not found.any
    assert found.segment.net(1, 0, SEGMENT) == 0
    assert found.account.acts_until_ms(1, 0, ACCOUNT) is None
    assert found.tenant.multiplier(1, 0, TENANT, Streak()) == 1.0
    assert found.net(np.array([INK], np.uint64), segment=GOLD, account=1, actor=2, now_ms=0) == [[0] * 5]


def test_votes_on_options_are_counted_in_the_order_of_the_scopes() -> None:
    kinds: dict[VoteKind, dict[str, Any]] = {VoteKind.ACTOR: {"within": 2}, VoteKind.ACCOUNT: {"subject": 1}}
    rows = [{**market(voter), "kind": kind, **kinds.get(kind, {})} for kind in VoteKind for voter in range(int(kind))]

    found = read_cross_contact(votes(*rows))
    net = found.net(np.array([INK, IRON], np.uint64), segment=GOLD, account=1, actor=2, now_ms=100)

    assert list(SCOPES) == ["segment", "tenant", "actor", "admin", "account"]
    assert net == [[-1, -1, -2, -3, -4], [0, 0, 0, 0, -4]]


@pytest.mark.parametrize(
    ("trigger", "attribute", "by_admin", "kind"),
    [
        (Trigger.MARKET, Attribute.NONE, False, VoteKind.MARKET),
        (Trigger.BUSINESS, Attribute.NONE, False, VoteKind.ACTOR),
        (Trigger.BUSINESS, Attribute.NONE, True, VoteKind.ADMIN),
        (Trigger.DISCOMFORT, Attribute.ACCOUNT, False, VoteKind.ACCOUNT),
        (Trigger.DISCOMFORT, Attribute.CONTACT, True, None),
        (Trigger.PERFORMANCE, Attribute.ACCOUNT, True, None),
    ],
)
def test_the_reason_decides_whether_a_verdict_is_a_vote(
    trigger: Trigger, attribute: Attribute, by_admin: bool, kind: VoteKind | None
) -> None:
    assert vote_kind(EventType.DISCARD, trigger, attribute, by_admin=by_admin) == kind
    assert vote_kind(EventType.RESTRUCTURE, trigger, attribute, by_admin=by_admin) is None


SAID = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([-1, 1]), st.sampled_from([GOLD, IRON]), st.integers(1, 30)),
    max_size=30,
    unique_by=lambda said: said[3],
)


@given(SAID)
def test_votes_agree_with_a_plain_count(said: list[tuple[int, int, int, int]]) -> None:
    rows = votes(*[{**market(voter, sign, segment), "at": at} for voter, sign, segment, at in said])
    in_order = sorted(said, key=lambda one: one[3])

    def plain(segments: set[int]) -> int:
        total = 0
        for voter in range(1, 5):
            own = [sign for who, sign, segment, _ in in_order if who == voter and segment in segments]
            total += 0 if not own else -1 if own[-1] < 0 else 0 if -1 in own else 1
        return total

    assert net(rows, SEGMENT) == plain({GOLD})
    assert net(rows, TENANT) == plain({GOLD, IRON})
