"""The largest moves of a recompute name what made them."""

import numpy as np
import pytest

from dog.core.records import PAIRS
from dog.services.desk.largest_moves import find_moves, keep_largest, read_largest_moves, version_before
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import MultiplierVersion, read_versions
from dog.storage.pair_records import pack_pairs
from dog.storage.store import Store
from tests.conftest import Api, Clock, event


def packed(recursions: int, *pairs: tuple[int, int, int, float]) -> bytes:
    """Pack the pairs of a contact, given as (product, wins, losses, multiplier)."""
    records = np.zeros(len(pairs), PAIRS)
    for place, (product, wins, losses, multiplier) in enumerate(pairs):
        records[place]["product"], records[place]["wins"], records[place]["losses"] = product, wins, losses
        records[place]["multiplier"] = multiplier
    return pack_pairs(np.array([1]), np.array([recursions]), records, [0, len(records)])[0]


@pytest.mark.parametrize(
    ("after", "recursions", "reason"),
    [
        ((5, 1, 0, 1.5), 0, "won"),
        ((5, 0, 1, 0.8), 0, "lost"),
        ((5, 0, 0, 0.9), 1, "faded"),
        ((5, 0, 0, 0.9), 0, "others"),
    ],
)
def test_a_move_names_its_reason(after: tuple[int, int, int, float], recursions: int, reason: str) -> None:
    (move,) = find_moves(b"c", packed(0, (4, 0, 0, 1.0), (5, 0, 0, 1.0)), packed(recursions, (4, 0, 0, 1.0), after))

    assert (move.product, move.before, move.after, move.reason) == (5, 1.0, after[3], reason)
    assert (move.wins, move.losses) == after[1:3]


def test_of_moves_that_others_made_one_is_kept_for_each_product() -> None:
    before = packed(0, (4, 0, 0, 1.0), (5, 0, 0, 1.0))
    first = find_moves(b"a", before, packed(0, (4, 1, 0, 1.5), (5, 0, 0, 1.2)))
    second = find_moves(b"b", before, packed(0, (4, 1, 0, 1.4), (5, 0, 0, 1.3)))

    assert [(move.contact, move.product) for move in keep_largest(first + second)] == [(b"a", 4), (b"b", 4), (b"b", 5)]


def test_the_version_before_is_of_an_earlier_week() -> None:
    versions = [
        MultiplierVersion(version=name, week=week, published_at_ms=0, timezone="UTC", policies={}, counts={})
        for name, week in (("c", 3), ("b", 3), ("a", 2))
    ]

    assert version_before(versions, "c") == "a"
    assert version_before(versions, "a") is None
    assert version_before(versions, "x") is None


def test_moves_are_read_from_the_last_two_versions_largest_first(
    api: Api, loaded: Store, runtime: Runtime, clock: Clock
) -> None:
    def settle(name: str, day: str, won: int) -> None:
        sent = []
        for number, contact in enumerate(("c1", "c2", "c3")):
            ends = "win" if number < won else "loss"
            sent += [
                event(f"{name}{contact}{kind}", kind, "p1", contact, occurred_at=f"{day}T11:00:00Z")
                for kind in ("pitch", ends)
            ]
        api.post("/v1/feedback", {"events": sent})

    settle("a", "2026-11-20", 3)
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    settle("b", "2026-11-23", 1)
    clock.set("2026-12-01T00:00:00")
    run_recompute(runtime, "default")
    active = read_versions(loaded)[0]
    moves = read_largest_moves(loaded, active.version, next(iter(active.policies)))

    assert {move.reason for move in moves} == {"lost"}
    assert [move.ratio for move in moves] == sorted((move.ratio for move in moves), reverse=True)
