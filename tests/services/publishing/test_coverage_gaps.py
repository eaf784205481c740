"""Who has a gap, and which cause is why, on coverage whose answers are known."""

from dataclasses import replace

import numpy as np

from dog.services.lists.taken_offers import Cause
from dog.services.publishing.coverage_gaps import MOST_SEGMENTS, Gap, find_gaps
from dog.services.publishing.measure_coverage import CauseEffect, Coverage

NO_COFFEE, REST = Cause("rule", "no-coffee"), Cause("rest")
NONE = np.nan
COVERAGE = Coverage(
    version="v",
    head={},
    as_of_ms=0,
    contacts=[b"a", b"b", b"c", b"d", b"e"],
    segments=["gold", "gold", "gold", "iron", ""],
    best=np.array([NONE, 0.02, 0.3, NONE, NONE]),
    scored=np.array([True, True, True, True, False]),
    causes={
        NO_COFFEE: CauseEffect(
            contacts=np.array([0, 1, 2, 3]),
            options=np.array([2, 2, 1, 1]),
            best=np.array([0.4, 0.2, 0.3, NONE]),
            products=np.array([4, 0, 2, 0]),
        ),
        REST: CauseEffect(
            contacts=np.array([3]), options=np.array([1]), best=np.array([NONE]), products=np.array([0, 1, 0, 0])
        ),
    },
    complete=True,
)


def test_contacts_with_nothing_and_with_poor_offers_only_are_counted_by_segment() -> None:
    gaps = find_gaps(COVERAGE, 0.05)

    assert gaps.total == Gap(contacts=5, nothing=3, poor=1, best=0.16)
    assert gaps.segments == [
        ("gold", Gap(contacts=3, nothing=1, poor=1, best=0.16)),
        ("", Gap(contacts=1, nothing=1, poor=0, best=None)),
        ("iron", Gap(contacts=1, nothing=1, poor=0, best=None)),
    ]
    assert gaps.listed == [(b"a", None), (b"d", None), (b"e", None), (b"b", 0.02)]


def test_a_cause_answers_for_the_contacts_that_would_have_a_better_offer_without_it() -> None:
    gaps = find_gaps(COVERAGE, 0.05)
    rule, rest = gaps.causes

    assert (rule.cause, rule.contacts, rule.options, rule.nothing, rule.poor) == (NO_COFFEE, 4, 6, 1, 1)
    assert rule.best == np.mean([0.4, 0.2])
    assert (rule.products, rule.product_count) == ([0, 2], 2)
    assert rule.segments == [("gold", 3), ("iron", 1)]
    assert (rest.cause, rest.nothing, rest.poor, rest.best) == (REST, 0, 0, None)
    assert (gaps.together, gaps.unscored) == (1, 1)  # d, from which rule and rest take all, and e


def test_a_segment_alone_has_its_own_causes_and_contacts() -> None:
    gaps = find_gaps(COVERAGE, 0.05, "iron")

    assert gaps.total.contacts == 1
    assert {gap.cause: gap.contacts for gap in gaps.causes} == {REST: 1, NO_COFFEE: 1}
    assert gaps.listed == [(b"d", None)]
    assert gaps.unscored == 0


def test_nobody_has_a_gap_in_a_tenant_without_contacts() -> None:
    nothing = Coverage(
        version="v", head={}, as_of_ms=0, contacts=[], segments=[], best=np.zeros(0), scored=np.zeros(0, bool),
        causes={}, complete=True,
    )  # fmt: skip
    gaps = find_gaps(nothing, 0.05)

    assert gaps.total == Gap(contacts=0, nothing=0, poor=0, best=None)
    assert not gaps.causes
    assert not gaps.segments
    assert not gaps.listed


def test_no_offer_is_poor_without_a_least_chance() -> None:
    assert find_gaps(COVERAGE, 0.0).total.poor == 0


def test_of_many_segments_those_with_the_most_gaps_are_kept() -> None:
    size = 3 * MOST_SEGMENTS
    many = replace(
        COVERAGE,
        contacts=[number.to_bytes(2) for number in range(size)],
        segments=[f"s{number:03}" for number in range(size)],
        best=np.where(np.arange(size) < size - 1, 0.5, NONE),
        scored=np.ones(size, bool),
        causes={},
    )
    gaps = find_gaps(many, 0.05)

    assert (len(gaps.segments), gaps.segment_count) == (MOST_SEGMENTS, size)
    assert gaps.segments[0] == (f"s{size - 1}", Gap(contacts=1, nothing=1, poor=0, best=None))


def test_nobody_has_no_gaps() -> None:
    nobody = replace(COVERAGE, contacts=[], segments=[], best=np.zeros(0), scored=np.zeros(0, bool), causes={})

    assert find_gaps(nobody, 0.05).segments == []
