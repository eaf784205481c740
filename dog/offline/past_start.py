"""The model `start` as it would have been before an instant: fitted to the events before it, and scoring by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.core.log_odds import expit
from dog.core.score_axes import Load
from dog.errors import NotReady
from dog.models.start.start_model import StartModel
from dog.offline.history.read_purchases import PurchaseEvents, read_purchases
from dog.offline.start_data import KnownSince, describe_start, fit_to_purchases, read_known_since
from dog.storage.catalogue import Catalogue, read_catalogue
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

SCORED_CELLS = 1_000_000
"""Scores that are computed at a time."""


@dataclass(frozen=True, slots=True)
class FittedStart:
    """A fitted model with the events that it was fitted to, by contact."""

    model: StartModel
    load: Load
    events: Mapping[bytes, np.ndarray]

    def score(self, contacts: Mapping[bytes, Mapping[str, Any]], owner: np.ndarray, product: np.ndarray) -> np.ndarray:
        """Return the scores of pairs, shape (pairs,); `contacts` are records by digest, which `owner` numbers."""
        scores, digests = np.full(len(owner), np.nan), list(contacts)
        step = max(1, SCORED_CELLS // max(1, len(self.model)))
        order = np.argsort(owner, kind="stable")
        nothing = np.zeros(0, np.int64)
        for first in range(0, len(digests), step):
            some = digests[first : first + step]
            read = self.model.read([contacts[one] for one in some], [self.events.get(one, nothing) for one in some])
            bounds = np.searchsorted(owner[order], (first, first + len(some)))
            rows = order[bounds[0] : bounds[1]]
            if len(rows):
                scores[rows] = expit(self.model.log_odds(read))[owner[rows] - first, product[rows]]
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class PastStart:
    """Fits the model to what a tenant's contacts had bought before given instants.

    Attributes of contacts and products are those of today: the service keeps no older ones.
    """

    events: PurchaseEvents
    catalogue: Catalogue
    known_since: KnownSince

    @classmethod
    def read(cls, store: Store, now_ms: int) -> "PastStart":
        """Read what all contacts bought and won."""
        catalogue = read_catalogue(store)
        return cls(read_purchases(store), catalogue, read_known_since(store, catalogue, now_ms))

    def fit(self, cutoff_ms: int) -> FittedStart:
        """Fit the model to the events before an instant; `NotReady` where there are none."""
        before = self.events.before(cutoff_ms)
        if not len(before.product):
            raise NotReady("nothing was bought or won before the pitches")
        model, _ = fit_to_purchases(before, self.catalogue, self.known_since)
        own = dict(zip(self.events.digests, before.by_contact(), strict=True))
        return FittedStart(model, describe_start(model, before), own)


def read_contact_records(store: Store, digests: Sequence[bytes]) -> dict[bytes, Mapping[str, Any]]:
    """Return the records of contacts by digest, empty where a contact has none."""
    packed = read_arrays(store, "contacts", "", digests)
    return {digest: orjson.loads(record or b"{}") for digest, record in zip(digests, packed, strict=True)}
