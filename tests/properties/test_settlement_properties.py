"""Settlement against a loop that does what the sentence says, one event after the other."""

from dataclasses import dataclass
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.learning.evidence import Evidence, add_news, no_evidence, settled_evidence
from dog.core.learning.settlement import Settled, settle
from dog.core.records import OUTCOME

SCORES = st.sampled_from([np.nan, 0.0, 0.125, 0.5, 1.0])


@st.composite
def pairs(draw: st.DrawFn) -> np.ndarray:
    """Draw one pair's outcomes in time order; names point anywhere, also at nothing."""
    size = draw(st.integers(1, 12))
    times = sorted(draw(st.lists(st.integers(0, 60), min_size=size, max_size=size)))
    outcomes = np.zeros(size, OUTCOME)
    for row in range(size):
        kind = draw(st.sampled_from([EventType.PITCH, EventType.PITCH, EventType.WIN, EventType.LOSS]))
        name = 0 if kind == EventType.PITCH else draw(st.one_of(st.just(0), st.integers(1, size + 1)))
        outcomes[row]["type"], outcomes[row]["at"], outcomes[row]["pitch"] = kind, times[row], name
        outcomes[row]["event"] = row + 1
        outcomes[row]["score"] = draw(SCORES)
    return outcomes


LEDGERS = st.lists(pairs(), min_size=1, max_size=4)


def settle_all(ledger: list[np.ndarray], as_of_ms: int, maturation_ms: int) -> Settled:
    starts = np.cumsum([0, *(len(pair) for pair in ledger[:-1])])
    return settle(np.concatenate(ledger), starts, as_of_ms, maturation_ms)


@dataclass
class Naive:
    wins: int = 0
    losses: int = 0
    pending: int = 0
    pitches: int = 0
    expected: float = 0.0
    scored: int = 0

    def resolve(self, score: float) -> None:
        if not np.isnan(score):
            self.expected += score
            self.scored += 1


def naive(pair: np.ndarray, as_of_ms: int, maturation_ms: int) -> Naive:
    counts, waiting = Naive(), []
    for row in pair[pair["at"] < as_of_ms]:
        if row["type"] == EventType.PITCH:
            waiting.append(row)
            counts.pitches += 1
            continue
        counts.wins += row["type"] == EventType.WIN
        counts.losses += row["type"] == EventType.LOSS
        named = [pitch for pitch in waiting if pitch["event"] == row["pitch"]]
        if not waiting:
            counts.pitches += 1
            continue
        settled = (named or waiting)[0]
        waiting = [pitch for pitch in waiting if pitch["event"] != settled["event"]]
        counts.resolve(float(settled["score"]))
    for pitch in waiting:
        if as_of_ms - int(pitch["at"]) >= maturation_ms:
            counts.losses += 1
            counts.resolve(float(pitch["score"]))
        else:
            counts.pending += 1
    return counts


@settings(max_examples=400, deadline=None)
@given(LEDGERS, st.integers(0, 80), st.integers(1, 60))
def test_settlement_does_what_the_loop_does(ledger: list[np.ndarray], as_of_ms: int, maturation_ms: int) -> None:
    settled = settle_all(ledger, as_of_ms, maturation_ms)

    for number, pair in enumerate(ledger):
        expected = naive(pair, as_of_ms, maturation_ms)
        assert settled.wins[number] == expected.wins
        assert settled.losses[number] == expected.losses
        assert settled.pending[number] == expected.pending
        assert settled.pitches[number] == expected.pitches
        assert settled.expected[number] == expected.expected
        assert settled.scored[number] == expected.scored


@settings(max_examples=100, deadline=None)
@given(LEDGERS, st.integers(0, 80), st.integers(1, 60))
def test_wins_never_exceed_pitches(ledger: list[np.ndarray], as_of_ms: int, maturation_ms: int) -> None:
    settled = settle_all(ledger, as_of_ms, maturation_ms)

    assert (settled.wins <= settled.resolved).all()
    assert (settled.resolved + settled.pending == settled.pitches).all()
    assert (settled.scored <= settled.resolved).all()


@settings(max_examples=100, deadline=None)
@given(LEDGERS, st.randoms(use_true_random=False))
def test_neither_order_of_arrival_nor_repetition_changes_a_bit(ledger: list[np.ndarray], random: Random) -> None:
    whole = np.concatenate(ledger)
    number = np.repeat(np.arange(len(ledger)), [len(pair) for pair in ledger])
    keyed = list(zip(number.tolist(), whole["at"].tolist(), whole["event"].tolist(), range(len(whole)), strict=True))
    arrived = keyed + keyed[::2]
    random.shuffle(arrived)

    rows = [row for *_, row in sorted(set(arrived))]
    again = settle(whole[rows], np.searchsorted(number, np.arange(len(ledger))), 50, 20)

    first = settle_all(ledger, 50, 20)
    assert again.expected.tobytes() == first.expected.tobytes()
    assert again.wins.tolist() == first.wins.tolist()
    assert again.losses.tolist() == first.losses.tolist()


@settings(max_examples=150, deadline=None)
@given(LEDGERS, st.lists(st.integers(0, 80), max_size=4))
def test_evidence_gathered_week_by_week_is_all_of_it(ledger: list[np.ndarray], weeks: list[int]) -> None:
    held, before = no_evidence(len(ledger)), no_evidence(len(ledger))
    for end_ms in [*sorted(weeks), 81]:
        now = settled_evidence(settle_all(ledger, end_ms, 30))
        held, before = add_news(held, before, now), now

    whole = settled_evidence(settle_all(ledger, 81, 30))
    for mine, theirs in zip(_arrays(held), _arrays(whole), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def _arrays(evidence: Evidence) -> tuple[np.ndarray, ...]:
    return evidence.wins, evidence.pitches, evidence.expected, evidence.scored
