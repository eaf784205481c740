"""Lists of all contacts that are really served: each is a decision and a lap of its contact, as a request's list is.

The id of each decision follows from the batch's id and the contact: a batch that was stopped continues from there, and
the same batch run again writes the same lists and counts no second lap, as long as decisions are kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import orjson

from dog import metrics
from dog.batched import batched
from dog.core.iso_weeks import format_week, week_of
from dog.errors import Conflict
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_contact
from dog.services.lists.read_contacts import read_contacts
from dog.services.lists.recommend import pack_decision, request_fingerprint
from dog.services.lists.shadow_lists import rank_shadow_now
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_decision import write_decision
from dog.services.runtime import Runtime
from dog.storage.batch_laps import count_batch_laps, place_of, read_place
from dog.storage.decisions import keep_decisions, read_decision_records
from dog.storage.erasure import find_erased
from dog.storage.ids import digest
from dog.storage.store import Store
from dog.storage.stretches import read_hash

CONTACTS_PER_TRIP = 250
SERVED_COLUMNS = (
    "contact_id",
    "rank",
    "product_id",
    "score",
    "consolidated",
    "multiplier",
    "policy_version",
    "multiplier_version",
    "decision_id",
    "rationale",
)
Line = tuple[Any, ...]
Records = Mapping[bytes, Mapping[str, Any]]  # of contacts, by digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedBatch:
    """A batch that is served: for whom, by which policy, and its id."""

    runtime: Runtime
    tenant: str
    k: int
    policy: str
    batch_id: str

    @property
    def store(self) -> Store:
        """The tenant's store."""
        return self.runtime.store(self.tenant)

    def serve(self, partition: int) -> Sequence[Sequence[Any]]:
        """Serve the lists of a partition's contacts; return the rows by column, as `SERVED_COLUMNS`.

        Raises
        ------
        NotFound
            The policy is not active.
        Conflict
            The batch's id was used with another `k` or policy.

        """
        rows: list[Line] = []
        place = read_place(self.store, partition, self.batch_id)
        packed = read_hash(self.store, self.store.keys.partition(partition).of("contacts"))
        records = ((contact, orjson.loads(record)) for contact, record in packed.items())
        for some in batched(records, CONTACTS_PER_TRIP):
            erased = find_erased(self.store, [str(record["contact_id"]) for _, record in some])
            left = {contact: record for contact, record in some if record["contact_id"] not in erased}
            rows += chain.from_iterable(map(_rows, self._serve(partition, left, place)))
        return list(zip(*rows, strict=True)) or [()] * len(SERVED_COLUMNS)

    def _serve(self, partition: int, records: Records, place: str) -> Iterable[dict[str, Any]]:
        """Return the decision of each contact: made and kept now, or by an earlier run of this batch.

        `place` is how far earlier runs have counted laps.
        """
        requests = {contact: self._request(str(record["contact_id"])) for contact, record in records.items()}
        kept = self._read_kept(requests)
        missing = {contact: record for contact, record in records.items() if contact not in kept}
        made = self._make(partition, missing, requests) if missing else {}
        found = {contact: kept.get(contact) or made[contact] for contact in records}
        behind = {contact for contact in records if place_of(contact) > place}
        weeks = {contact: self._week(found[contact]) for contact in records if contact in behind or contact in made}
        count_batch_laps(self.store, partition, self.batch_id, weeks, made.keys() - behind)
        return found.values()

    def _make(
        self, partition: int, records: Records, requests: Mapping[bytes, ListRequest]
    ) -> dict[bytes, dict[str, Any]]:
        """Make and keep the decisions of contacts."""
        rankings = self._rank(partition, records, requests)
        decisions = [write_decision(found, str(found.request.decision_id)) for found in rankings]
        packed = [pack_decision(decision, request_fingerprint(decision.ranking.request)) for decision in decisions]
        made = {decision.ranking.contact.digest: orjson.loads(decision.kept()) for decision in decisions}
        metrics.kept_decisions.inc(len(packed))
        if not all(keep_decisions(self.store, packed)):  # another process serves the same batch
            made |= self._read_kept({contact: requests[contact] for contact in made})
        for found in rankings:
            rank_shadow_now(found, str(found.request.decision_id))
        return made

    def _week(self, content: Mapping[str, Any]) -> str:
        """Return the week in which a decision was made."""
        made_ms = round(datetime.fromisoformat(content["generated_at"]).timestamp() * 1000)
        return format_week(week_of(made_ms, self.runtime.settings.zone))

    def _request(self, contact_id: str) -> ListRequest:
        """Return the request whose list the contact gets; the decision's id follows from batch and contact."""
        name = digest(self.store.tenant.secret, f"batch {self.batch_id} {contact_id}").hex()
        return ListRequest(contact_id, k=self.k, policy=self.policy, decision_id=f"d_{name}")

    def _read_kept(self, requests: Mapping[bytes, ListRequest]) -> dict[bytes, dict[str, Any]]:
        """Read the decisions that this batch has made of some contacts."""
        found = read_decision_records(self.store, [str(request.decision_id) for request in requests.values()])
        kept = {}
        for (contact, request), record in zip(requests.items(), found, strict=True):
            if record is not None and record[0] != request_fingerprint(request):
                raise Conflict(
                    f"batch '{self.batch_id}' was served with other settings; give the new batch an id of its own",
                    code="decision_id_conflict",
                )
            if record is not None:
                kept[contact] = record[1]
        return kept

    def _rank(self, partition: int, records: Records, requests: Mapping[bytes, ListRequest]) -> list[Ranking]:
        """Rank contacts of a partition as their requests would be."""
        store, snapshot = self.store, self.runtime.shared(Snapshots).current(self.store)
        contacts = read_contacts(store, snapshot, snapshot.policy(self.policy), partition, records)
        now_ms = self.runtime.clock()
        return [
            rank_contact(
                RankContext(
                    runtime=self.runtime,
                    store=store,
                    request=requests[contact.digest],
                    snapshot=snapshot,
                    now_ms=now_ms,
                    seed=store.tenant.digest64(str(requests[contact.digest].decision_id)),
                ),
                contact,
            )
            for contact in contacts
        ]


def _rows(content: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the rows of one decision."""
    for item, inputs in zip(content["items"], content["item_inputs"], strict=True):
        multiplier = inputs["effective_multiplier"]
        yield (
            content["contact_id"],
            item["rank"],
            item["product_id"],
            item["score"],
            item["score"] / multiplier if multiplier else item["factors"]["consolidated"],
            multiplier,
            content["policy_version"],
            content["multiplier_version"],
            content["decision_id"],
            item["attributes"]["rationale"],
        )
