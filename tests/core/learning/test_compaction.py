"""Carrying forward: no count moves, whatever is archived when."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.learning.compaction import carry_forward
from dog.core.learning.settlement import Settled, settle
from dog.core.records import CARRIED, OUTCOME

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.integers(0, 2),
        st.sampled_from([EventType.PITCH, EventType.PITCH, EventType.WIN, EventType.LOSS]),
        st.one_of(st.just(0), st.integers(1, 40)),
        st.one_of(st.just(np.nan), st.floats(0, 1, width=32)),
    ),
    max_size=40,
)


def ledger_name(events: list[tuple[int, int, EventType, int, float]]) -> np.ndarray:
    ledger = np.zeros(len(events), OUTCOME)
    for place, (at, product, kind, pitch, score) in enumerate(events):
        settles = kind != EventType.PITCH
        ledger[place] = (at, place + 1, pitch if settles else 0, product, score, kind, (0, 0, 0), place + 1)
    return ledger[np.lexsort((ledger["event"], ledger["at"]))]


COUNTS = ("wins", "losses", "pending", "expected", "scored")


def counts(ledger: np.ndarray, as_of: int = 1000, maturation: int = 100) -> list[list[float]]:
    """Settle three products of one contact."""
    grouped = ledger[np.argsort(ledger["product"], kind="stable")]
    present, starts = np.unique(grouped["product"], return_index=True)
    settled: Settled = settle(grouped, starts, as_of, maturation)
    table = np.zeros((3, 5))
    table[present] = np.stack([getattr(settled, name) for name in COUNTS], axis=1)
    found: list[list[float]] = table.tolist()
    return found


@given(EVENTS, st.integers(0, 61), st.integers(0, 61))
@settings(max_examples=300)
def test_no_count_moves_when_weeks_are_folded_once_and_again(
    events: list[tuple[int, int, EventType, int, float]], first: int, second: int
) -> None:
    ledger = ledger_name(events)
    folded, _ = carry_forward(ledger, first, first)
    again, _ = carry_forward(folded, max(first, second), max(first, second))

    np.testing.assert_allclose(counts(folded), counts(ledger), rtol=1e-12)
    np.testing.assert_allclose(counts(again), counts(ledger), rtol=1e-12)


def test_what_leaves_is_what_a_later_event_does_not_need() -> None:
    # product 0: won inside the closed weeks; product 1: won after them; product 2: never answered, never matured
    ledger = ledger_name(
        [
            (1, 0, EventType.PITCH, 0, 0.5),
            (2, 0, EventType.WIN, 0, np.nan),
            (3, 1, EventType.PITCH, 0, 0.25),
            (4, 2, EventType.PITCH, 0, np.nan),
            (50, 1, EventType.WIN, 0, np.nan),
        ]
    )

    folded, leaves = carry_forward(ledger, 10, 4)
    carried = folded[folded["type"] == EventType.CARRIED].view(CARRIED)

    assert leaves.tolist() == [True, True, False, False, False]
    assert [int(carried[name][0]) for name in ("product", "wins", "losses", "scored")] == [0, 1, 0, 1]
    assert carried["expected"][0] == 0.5
    assert folded["at"].tolist() == [0, 3, 4, 50]
