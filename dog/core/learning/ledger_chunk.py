"""What the week's arithmetic reads of some partitions: their outcomes, and what was published of their pairs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

DIGEST = np.dtype("V16")


@dataclass(frozen=True, slots=True)
class ContactBlock:
    """The contacts of some partitions."""

    partitions: list[int]  # in order
    sizes: list[int]  # contacts of each partition
    digests: np.ndarray  # of the contacts, partition by partition, in order, shape (contacts,)

    def spans(self) -> Iterator[tuple[int, slice]]:
        """Yield each partition's number and the slice of its contacts."""
        end = 0
        for partition, size in zip(self.partitions, self.sizes, strict=True):
            yield partition, slice(end, end + size)
            end += size


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerChunk:
    """The outcomes of some partitions' contacts, grouped by contact-product pair."""

    contacts: ContactBlock
    contact: np.ndarray  # index of each pair's contact, ascending, shape (pairs,)
    product: np.ndarray  # number of each pair's product, shape (pairs,)
    starts: np.ndarray  # index of each pair's first outcome, shape (pairs,)
    outcomes: np.ndarray  # records of OUTCOME by pair, inside a pair in the order of (occurred_at, event_id)
    is_new: np.ndarray  # whether the version before has not seen an outcome, shape (events,)


@dataclass(frozen=True, slots=True)
class PublishedPairs:
    """What a version holds of a chunk's pairs; of a pair that it does not know: zeros, and NaN as multiplier."""

    recursions: np.ndarray  # of each contact, shape (contacts,)
    group: np.ndarray  # index of each pair's record, shape (pairs,)
    records: np.ndarray  # distinct records of PAIRS, shape (groups,)


def outcome_pairs(starts: np.ndarray, outcome_count: int) -> np.ndarray:
    """Return the index of each outcome's pair, shape (outcomes,); `starts` is the index of each pair's first outcome.

    >>> outcome_pairs(np.array([0, 2]), 5).tolist()
    [0, 0, 1, 1, 1]

    """
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=outcome_count))


def first_pairs(chunk: LedgerChunk, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the outcomes of the first `count` pairs of each partition, and where each pair's begin.

    However partitions are put together to chunks, the pairs are the same.
    """
    ends = np.append(chunk.starts, len(chunk.outcomes))
    spans = [np.searchsorted(chunk.contact, [span.start, span.stop]).tolist() for _, span in chunk.contacts.spans()]
    chosen = [slice(first, min(first + count, last)) for first, last in spans if first < last]
    if not chosen:
        return chunk.outcomes[:0], chunk.starts[:0]
    outcomes = np.concatenate([chunk.outcomes[ends[some.start] : ends[some.stop]] for some in chosen])
    lengths = np.concatenate([np.diff(ends[some.start : some.stop + 1]) for some in chosen])
    return outcomes, np.cumsum(lengths) - lengths
