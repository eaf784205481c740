"""What the week's arithmetic reads of some partitions: their outcomes, and what was published of their pairs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

DIGEST = np.dtype("V16")


@dataclass(frozen=True, slots=True)
class ContactBlock:
    """The contacts of some partitions.

    Parameters
    ----------
    partitions
        Numbers of the partitions, in order.
    sizes
        How many of the contacts belong to each of the partitions.
    digests
        Digests of the contacts, 16 bytes each, partition by partition, in order, shape (contacts,).

    """

    partitions: list[int]
    sizes: list[int]
    digests: np.ndarray

    def spans(self) -> Iterator[tuple[int, slice]]:
        """Yield each partition's number and the slice of its contacts."""
        end = 0
        for partition, size in zip(self.partitions, self.sizes, strict=True):
            yield partition, slice(end, end + size)
            end += size


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerChunk:
    """The outcomes of some partitions' contacts, grouped by contact-product pair.

    Parameters
    ----------
    contacts
        The contacts.
    contact
        Index of each pair's contact, ascending, shape (pairs,).
    product
        Product number of each pair, shape (pairs,).
    starts
        Index of each pair's first outcome, shape (pairs,).
    outcomes
        Records of `dog.core.records.OUTCOME` by pair, inside a pair in the order of (occurred_at, event_id).

    """

    contacts: ContactBlock
    contact: np.ndarray
    product: np.ndarray
    starts: np.ndarray
    outcomes: np.ndarray


@dataclass(frozen=True, slots=True)
class PublishedPairs:
    """What a version holds of a chunk's pairs.

    Parameters
    ----------
    recursions
        Of each contact, shape (contacts,).
    group
        Index of each pair's record, shape (pairs,).
    records
        Distinct records of `dog.core.records.PAIRS`. The record of a pair that the version does not know is all
        zeros, its multiplier NaN.

    """

    recursions: np.ndarray
    group: np.ndarray
    records: np.ndarray
