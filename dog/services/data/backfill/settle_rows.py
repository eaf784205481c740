"""Settle the rows that are not plainly first or repeated, in the order of the file, as a load chunk by chunk does.

Pure: claims, refusals and who was held back go in, the result of each row comes out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from dog.services.data.backfill.split_records import CLOSED, ERASED, UNKNOWN
from dog.services.data.row_values import ACCEPTED, DUPLICATE, ERASED_ROW, RowOutcome
from dog.services.feedback.record_feedback import ID_CONFLICT, WEEK_CLOSED
from dog.services.feedback.refused_pitches import PITCH_REFUSED
from dog.storage.event_log import Status

REFUSED_WITH_PITCH = RowOutcome(Status.REJECTED, PITCH_REFUSED)
WEEK_CLOSED_ROW = RowOutcome(Status.REJECTED, *WEEK_CLOSED)
CONFLICT_ROW = RowOutcome(Status.REJECTED, *ID_CONFLICT)


class Claimant(NamedTuple):
    """For which body of which contact an id is claimed."""

    fingerprint: bytes
    contact: bytes


Hold = Callable[[Sequence[int]], Mapping[int, RowOutcome]]
"""Holds rows with unknown names back, and returns what became of each."""


@dataclass(slots=True, kw_only=True)
class RowSettlement:
    """What is settled so far."""

    claims: dict[bytes, Claimant]  # by id: at first those of events that were recorded before
    hold: Hold
    results: dict[int, RowOutcome] = field(default_factory=dict)  # by row
    owners: dict[bytes, int] = field(default_factory=dict)  # by id: the row for which it is claimed now
    unscreened: set[int] = field(default_factory=set)
    """Rows that were refused before their names were looked at."""
    held: set[int] = field(default_factory=set)
    """Rows that were held back, whatever came of it."""
    _refused: set[int] = field(default_factory=set)
    _accepted: set[bytes] = field(default_factory=set)

    def settle(self, rows: np.ndarray, faults: Mapping[int, int], chunk_rows: int) -> None:
        """Settle records of `CLAIMED`, sorted by row; `faults` has the digests of the ids of unreadable rows."""
        unreadable = [(row // chunk_rows, digest) for row, digest in sorted(faults.items())]
        refused_in = {chunk: {one for _, one in own} for chunk, own in groupby(unreadable, key=lambda both: both[0])}
        by_chunk = {chunk: list(own) for chunk, own in groupby(rows, key=lambda row: int(row["row"]) // chunk_rows)}
        for chunk in sorted(refused_in.keys() | by_chunk.keys()):
            self._refused |= refused_in.get(chunk, set())
            self._settle_chunk(by_chunk.get(chunk, []))

    def _settle_chunk(self, rows: list[np.void]) -> None:
        count = len(rows)
        rows, given = list(self._independent(rows)), rows
        if len(rows) < count:
            self.unscreened |= {int(row["row"]) for row in given if int(row["row"]) in self.results}
        held = self.hold(
            [
                int(row["row"])
                for row in rows
                if row["flags"] & UNKNOWN and not row["flags"] & ERASED and _id(row) not in self.claims
            ]
        )
        self.results |= held
        self.held |= held.keys()
        events = {int(row["row"]): int(row["event"]) for row in rows}
        self._refused |= {events[row] for row, result in held.items() if result.status is Status.REJECTED}
        rows = list(self._independent([row for row in rows if int(row["row"]) not in held]))
        answers = [self._claim(row) for row in rows]
        left = []
        for row, answer in zip(rows, answers, strict=True):
            refusal = _refusal(row, answer)
            if refusal is None:
                left.append(row)
            else:
                self.results[int(row["row"])] = refusal
                if answer > 0 or (answer == 0 and refusal is ERASED_ROW):
                    self._release(row)
        for row, answer in zip(rows, answers, strict=True):
            holder = self.claims.get(_id(row))
            if answer < 0 and (holder is None or holder.contact != row["contact"].tobytes()):
                self._refused.add(int(row["event"]))
        independent = list(self._independent(left))
        for row in left:
            if int(row["row"]) in self.results and _id(row) not in self._accepted:
                self._release(row)
        for row in independent:
            self.results[int(row["row"])] = DUPLICATE if _id(row) in self._accepted else ACCEPTED
            self._accepted.add(_id(row))

    def _independent(self, rows: Sequence[np.void]) -> Iterator[np.void]:
        """Yield the rows that name no refused pitch; the others are refused."""
        for row in rows:
            if row["pitch"] and int(row["pitch"]) in self._refused:
                self.results[int(row["row"])] = REFUSED_WITH_PITCH
            else:
                yield row

    def _claim(self, row: np.void) -> int:
        known = self.claims.get(_id(row))
        if known is None:
            self.claims[_id(row)] = Claimant(row["fingerprint"].tobytes(), row["contact"].tobytes())
            self.owners[_id(row)] = int(row["row"])
            return 1
        return 0 if known.fingerprint == row["fingerprint"].tobytes() else -1

    def _release(self, row: np.void) -> None:
        self.claims.pop(_id(row), None)
        self.owners.pop(_id(row), None)


def _id(row: np.void) -> bytes:
    return row["id"].tobytes()


def _refusal(row: np.void, answer: int) -> RowOutcome | None:
    if row["flags"] & ERASED:
        return ERASED_ROW
    if row["flags"] & CLOSED:
        return WEEK_CLOSED_ROW
    return CONFLICT_ROW if answer < 0 else None
