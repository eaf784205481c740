"""The pairs whose multipliers the last recompute moved most, each with what its pitches came to since."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dog.core.records import PAIRS
from dog.storage.contacts import read_partitions
from dog.storage.multiplier_versions import MultiplierVersion, read_versions
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store

MOST_MOVES = 10
NOTABLE = 0.005
"""A multiplier that moves by a smaller share counts as unmoved."""

Reason = Literal["won", "lost", "faded", "others"]
"""New wins, new losses, a recursion, or what other pairs taught about the product and the tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMove:
    """How the multiplier of a pair moved from one version to the next."""

    contact: bytes  # digest
    product: int
    before: float
    after: float
    wins: int  # since the version before
    losses: int
    expected: float  # wins that the models expected of the pitches that were settled since
    reason: Reason

    @property
    def ratio(self) -> float:
        """By which ratio it moved, up or down, at least 1."""
        return max(self.after / self.before, self.before / self.after)


def read_largest_moves(
    store: Store, active: str, policy: str, report: Callable[[float], None] = lambda _: None
) -> list[PairMove]:
    """Return the largest moves from the version before to the active one, largest first; none without one before."""
    before = version_before(read_versions(store), active)
    if before is None:
        return []
    old, new = (read_partitions(store, "multipliers", f"{version}:{policy}") for version in (before, active))
    found: list[PairMove] = []
    for partition, (was, now) in enumerate(zip(old, new, strict=True)):
        for contact in was.keys() & now.keys():
            if was[contact] != now[contact]:
                found += find_moves(contact, was[contact], now[contact])
        found = keep_largest(found)
        report((partition + 1) / store.tenant.partition_count)
    return found


def keep_largest(moves: Iterable[PairMove]) -> list[PairMove]:
    """Return the largest moves, largest first; of those without outcomes of their own one for each product."""
    kept: dict[object, PairMove] = {}
    for move in sorted(moves, key=lambda move: (-move.ratio, move.contact, move.product)):
        own = move.reason in ("won", "lost")
        kept.setdefault((move.contact, move.product) if own else (move.reason, move.product), move)
    return list(kept.values())[:MOST_MOVES]


def version_before(versions: Sequence[MultiplierVersion], active: str) -> str | None:
    """Return the newest version of an earlier week than the active one's."""
    week = next((one.week for one in versions if one.version == active), None)
    return next((one.version for one in versions if week is not None and one.week < week), None)


def find_moves(contact: bytes, packed_before: bytes, packed_after: bytes) -> list[PairMove]:
    """Return the moved pairs of a contact that both versions hold."""
    _, recursions_before, before = unpack_pairs(packed_before)
    _, recursions, after = unpack_pairs(packed_after)
    _, was, now = np.intersect1d(before["product"], after["product"], assume_unique=True, return_indices=True)
    before, after = before[was], after[now]
    moved = np.abs(np.log(after["multiplier"] / before["multiplier"])) > NOTABLE
    return [
        _move(contact, was, now, faded=recursions > recursions_before)
        for was, now in zip(_rows(before[moved]), _rows(after[moved]), strict=True)
    ]


def _rows(pairs: np.ndarray) -> list[dict[str, float]]:
    return [dict(zip(PAIRS.names or (), row, strict=True)) for row in pairs.tolist()]


def _move(contact: bytes, was: Mapping[str, float], now: Mapping[str, float], *, faded: bool) -> PairMove:
    wins, losses = (int(now[name] - was[name]) for name in ("wins", "losses"))
    rises = now["multiplier"] > was["multiplier"]
    reason: Reason = "won" if wins > 0 and rises else "lost" if losses > 0 and not rises else "others"
    return PairMove(
        contact=contact,
        product=int(now["product"]),
        before=was["multiplier"],
        after=now["multiplier"],
        wins=wins,
        losses=losses,
        expected=now["expected"] - was["expected"],
        reason="faded" if faded and reason == "others" else reason,
    )
