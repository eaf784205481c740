import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.kernels.settle_events import LOST, NOTHING, OPEN, WON, count_settled, hash_records, settle_events

PITCH, WIN, LOSS, CARRIED = (int(it) for it in (EventType.PITCH, EventType.WIN, EventType.LOSS, EventType.CARRIED))

Rows = list[tuple[int, int, int, bool, float | None]]


def by_dictionaries(rows: Rows) -> list[int]:
    """Settle as the docstring says it, with a dictionary of the waiting pitches of each pair."""
    waiting: dict[int, dict[int, int]] = {}
    state = [NOTHING] * len(rows)
    for row, (pair, kind, named, seen, _) in enumerate(rows):
        own = waiting.setdefault(pair, {})
        if not seen or kind == CARRIED:
            continue
        if kind == PITCH:
            state[row], own[row + 1] = OPEN, row
        else:
            settled = own.pop(named if named in own else next(iter(own))) if own else row
            state[settled] = WON if kind == WIN else LOST
    return state


def columns(rows: Rows) -> tuple[np.ndarray, ...]:
    pair, kind, named, seen, score = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return (
        np.array(pair, np.int64),
        np.array(kind, np.uint8),
        np.arange(1, len(rows) + 1, dtype=np.uint64),
        np.array(named, np.uint64),
        np.array(seen, bool),
        np.array([np.nan if one is None else one for one in score], np.float32),
    )


def settled(rows: Rows) -> np.ndarray:
    state = np.empty(len(rows), np.int8)
    pair, kind, event, named, seen, _ = columns(rows)
    settle_events(pair, kind, event, named, seen, state, np.empty(len(rows), np.int64))
    return state


row = st.tuples(
    st.integers(0, 3),
    st.sampled_from([PITCH, PITCH, WIN, LOSS, CARRIED]),
    st.integers(0, 30),
    st.sampled_from([True, True, True, False]),
    st.one_of(st.none(), st.floats(0.0, 1.0, width=32)),
)
ledgers = st.lists(row, max_size=30).map(lambda rows: sorted(rows, key=lambda it: it[0]))


@given(ledgers)
def test_each_outcome_settles_the_pitch_it_names_else_the_oldest_open_one(rows: Rows) -> None:
    assert settled(rows).tolist() == by_dictionaries(rows)


@given(ledgers, st.integers(0, 30), st.integers(0, 30))
def test_a_pair_has_as_many_wins_losses_and_scores_as_its_events(rows: Rows, as_of_ms: int, matured_ms: int) -> None:
    rows = [(*it[:3], place < as_of_ms, it[4]) for place, it in enumerate(rows)]
    pair, kind, _, seen, score = (columns(rows)[place] for place in (0, 1, 3, 4, 5))
    at_ms, state = np.arange(len(rows)), settled(rows)
    counts, scores = np.zeros((3, 4), np.int64), np.zeros((2, 4))
    count_settled(pair, at_ms, kind, score, state, as_of_ms, matured_ms, counts, scores)
    is_pitch = seen & (kind == PITCH)
    pending = is_pitch & (state == OPEN) & (at_ms > matured_ms)
    matured = is_pitch & (state == OPEN) & ~pending
    scored = is_pitch & ~pending & ~np.isnan(score)

    assert counts[0].tolist() == np.bincount(pair[seen & (kind == WIN)], minlength=4).tolist()
    assert counts[1].tolist() == np.bincount(pair[(seen & (kind == LOSS)) | matured], minlength=4).tolist()
    assert counts[2].tolist() == np.bincount(pair[pending], minlength=4).tolist()
    assert scores[0].tolist() == np.bincount(pair[scored], score[scored].astype(np.float64), minlength=4).tolist()
    assert scores[1].tolist() == np.bincount(pair[scored], minlength=4).tolist()


@pytest.mark.parametrize("records", [0, 1, 100])
def test_a_record_is_hashed_to_the_weighted_sum_of_its_words(records: int) -> None:
    random = np.random.default_rng(records)
    words = random.integers(0, 2**64, (records, 5), np.uint64)
    weights = random.integers(0, 2**64, 5, np.uint64)
    hashed = np.empty(records, np.uint64)
    with np.errstate(over="ignore"):  # numpy warns where the kernel runs as plain Python
        hash_records(words, weights, hashed)

    assert hashed.tolist() == (words @ weights).tolist()
