"""The kept decisions that the events of a call name, each read once."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dog.errors import ArchiveUnavailable
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.kept_decisions import READ_AGAIN_SECONDS
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decisions
from dog.storage.event_log import Event
from dog.storage.store import Store

Decision = Mapping[str, Any]


class NamedDecisions:
    """What the decisions hold that one call names: filling, checking, enriching and answering its events ask for it."""

    def __init__(self, runtime: Runtime, store: Store) -> None:
        self._runtime, self._store = runtime, store
        self._read: dict[str, Decision] = {}  # empty where a decision is not kept
        self.unreachable: dict[str, ArchiveUnavailable] = {}
        """Those that are archived, while the archive cannot be reached."""

    def read(self, decision_ids: Iterable[str | None], *, wait: bool = False) -> None:
        """Read those that were not read yet; with `wait` again after a moment, where another worker may write them."""
        new = {decision_id for decision_id in decision_ids if decision_id} - self._read.keys()
        if not new:
            return
        self._runtime.shared(DecisionWriter).flush()
        found = self._read_kept(new)
        if wait and (left := new - found.keys() - self.unreachable.keys()):
            self._runtime.wait(READ_AGAIN_SECONDS)
            found |= self._read_kept(left)
        self._read |= {decision_id: found.get(decision_id, {}) for decision_id in new}

    def _read_kept(self, decision_ids: Collection[str]) -> dict[str, Any]:
        try:
            return read_decisions(self._store, decision_ids)
        except ArchiveUnavailable as error:
            if len(decision_ids) == 1:
                self.unreachable |= dict.fromkeys(decision_ids, error)
                return {}
            return {name: one for single in decision_ids for name, one in self._read_kept([single]).items()}

    def require(self, decision_ids: Iterable[str | None]) -> None:
        """Read those that were not read yet; raise `ArchiveUnavailable` if one of all is out of reach."""
        named = list(decision_ids)
        self.read(named)
        for decision_id in named if self.unreachable else ():
            if decision_id in self.unreachable:
                raise self.unreachable[decision_id]

    def get(self, decision_id: str | None) -> Decision:
        """Return a decision that was read; empty where it is not kept, and for None."""
        return self._read.get(decision_id or "", {})

    def of(self, event: Event) -> Decision:
        """Return the decision of an event, reading it if need be."""
        self.read([event.decision_id])
        return self.get(event.decision_id)

    def item_of(self, event: Event) -> Mapping[str, Any]:
        """Return the item for the event's product in its decision, which was read; empty where it has none."""
        if event.decision_id is None:
            return {}
        items: list[Mapping[str, Any]] = self.get(event.decision_id).get("items", [])
        return next((item for item in items if item["product_id"] == event.product_id), {})
