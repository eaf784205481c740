"""One tenant of the service beside its plain model: both are told the same, and must answer the same."""

from collections.abc import Callable, Collection, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from dog.core.iso_weeks import format_week
from dog.errors import DogError, NotFound
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.erase import erase, export_contact
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.list_verdicts import lift_verdict, list_verdicts
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.pairs.read_multipliers import activate_published
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_versions, read_weeks
from dog.storage.store import Store, Tenant, put_tenant
from dog.storage.tenant_settings import set_replay_share
from tests.conftest import SECRET
from tests.properties.protocol.checks import PARTITIONS, ComparedTenant, policy_of
from tests.properties.protocol.model import Body, PlainTenant
from tests.properties.protocol.plain_verdicts import Key
from tests.properties.protocol.world import CONTACTS, OUTCOMES, PRODUCTS, SENDERS, Plan, ms, scores

Run = Callable[[Callable[[], Any]], Any]
"""Runs a piece of work, perhaps killing it and running it again in a new process."""


class LiveTenant(ComparedTenant):
    """A tenant and its plain model, to which all is done alike."""

    @classmethod
    def load(cls, runtime: Runtime, name: str, plain: PlainTenant) -> "LiveTenant":
        """Make a tenant with contacts, products, scores and a policy."""
        put_tenant(runtime.redis, Tenant(name, SECRET, PARTITIONS))
        made = cls(runtime, name, plain)
        load_rows(made.store, runtime.settings.zone)
        made.use(plain.plan)
        set_replay_share(made.store, 0.0)
        return made

    # what clients do

    def send(self, bodies: Sequence[Body], sender: str, run: Run) -> None:
        """Send events, new ones or not; answers, effects and the number of late ones are as the model says."""
        plain, is_new = self.plain, run is at_once
        expected = [plain.answer(body) for body in bodies]
        late = [self._is_late(body) for body, answer in zip(bodies, expected, strict=True) if answer == "accepted"]
        scored = self._scores_now(bodies) if sender != "file" else {}
        answer = run(lambda: self.post(bodies, sender))
        for body, result, wanted in zip(bodies, answer["results"], expected, strict=True):
            found = result.get("code", result["status"])
            # after a kill the same call may find what was recorded before
            assert found == wanted or (not is_new and (wanted, found) == ("accepted", "duplicate")), (body, found)
            if wanted == "accepted":
                plain.record(body, sender, scored.get((body["contact_id"], body.get("product_id"))))
                self.check_scopes(body, result)
            elif body["event_id"] not in plain.bodies:
                plain.refused.add(body["event_id"])
        for body in bodies:
            self.check_day(body)
        if is_new and sender != "file":
            assert answer["in_published_weeks"] == sum(late)

    def lose(self, bodies: Sequence[Body], sender: str, run: Run) -> None:
        """Send new events that are never sent again after a kill: each is recorded as a whole, or not at all."""
        expected, scored = [self.plain.answer(body) for body in bodies], {}
        if sender != "file":
            scored = self._scores_now(bodies)
        if run(lambda: self.post(bodies, sender)) is None:
            recorded = {event["event_id"] for contact in CONTACTS for event in self.export(contact)}
        else:
            recorded = {body["event_id"] for body in bodies}
        for body, answer in zip(bodies, expected, strict=True):
            if answer == "accepted" and body["event_id"] in recorded:
                self.plain.record(body, sender, scored.get((body["contact_id"], body.get("product_id"))))
            elif answer == "accepted":
                self.plain.unsure[body["event_id"]] = body, sender
            else:
                self.plain.refused.add(body["event_id"])

    def retract(self, event_id: str, run: Run) -> None:
        """Take an event back."""
        expected = self.plain.retract(event_id)
        found = run(lambda: _answer(lambda: retract_feedback(self.store, event_id)))
        assert found == expected or (run is not at_once and (expected, found) == (True, False)), (event_id, found)
        if event_id in self.plain.bodies:
            self.check_day(self.plain.bodies[event_id][0])

    def lift(self, key: Key) -> None:
        """Lift a verdict."""
        verdicts, now_ms = self.plain.verdicts, self.plain.clock()
        rows = list_verdicts(self.runtime, self.name, scope=key[0])["items"]
        named = {(row["scope"], *filter(None, (row["subject"], row["within"]))): row["id"] for row in rows}
        verdicts.lifted[key] = max([now_ms, *(vote.at_ms for vote in verdicts.votes(key))])
        assert lift_verdict(self.runtime, self.name, named[tuple(filter(None, key))])["repeated"] is False

    # what operators do

    def use(self, plan: Plan) -> None:
        """Publish another policy."""
        store_policy(self.store, policy_of(plan), "me", "", self.plain.clock(), activate=True)
        self.plain.use(plan)

    def recompute(self, replay_from: int | None, run: Run, *, late: bool = False) -> None:
        """Publish the due weeks, after replaying those from a week on, or from the first late outcome on."""
        kept = {version.version for version in read_versions(self.store)}
        replay: bool | str | None = False if replay_from is None else format_week(replay_from)
        if late:
            replay, replay_from = None, self.plain.first_late_week()
        run(lambda: run_recompute(self.runtime, self.name, replay=replay, force=True))
        self.consolidations = None
        weeks = self.plain.recompute(kept, replay_from, self.score_today())
        names = read_weeks(self.store)
        assert names.keys() == self.plain.published.keys()
        self.plain.name(names, weeks)

    def activate(self, version: str, run: Run) -> None:
        """Put another kept version in force."""
        run(lambda: activate_published(self.runtime, self.name, version))
        self.plain.active = version

    def archive(self, run: Run) -> None:
        """Archive what is due."""
        is_due = self.plain.archive()
        archived = run(lambda: archive(self.runtime, self.name))
        assert run is not at_once or (archived is not None) is is_due
        self.check_ids()

    def erase(self, contact: str, run: Run) -> None:
        """Erase a contact."""
        found = run(lambda: _answer(lambda: erase(self.runtime, self.name, contact)))
        gone = found == "contact_erased"
        assert gone is (contact in self.plain.erased) or (run is not at_once and gone), found
        self.plain.erase(contact)
        self.check_ids()

    def restored(self, name: str, folder: Path, run: Run) -> "LiveTenant":
        """Back the tenant up and restore it under another name."""
        file = folder / f"{name}.backup"
        run(lambda: write_backup(self.runtime, self.name, file))
        found = run(lambda: _answer(lambda: restore_backup(self.runtime, name, file)))
        assert not isinstance(found, str) or (run is not at_once and found == "tenant_not_empty"), found
        return LiveTenant(self.runtime, name, self.plain.copied())

    # the rest

    def post(self, bodies: Sequence[Body], sender: str) -> dict[str, Any]:
        if sender != "file":
            return answer_feedback(self.runtime, self.name, bodies, substitute=False, sender=SENDERS[sender])
        found = record_feedback(self.store, bodies, self.plain.clock(), zone=self.runtime.settings.zone)
        return {"results": [{"status": one.status, **({"code": one.code} if one.code else {})} for one in found]}

    def _is_late(self, body: Body) -> bool:
        return body["type"] in OUTCOMES and ms(body["occurred_at"]) < self.plain.published_until_ms

    def export(self, contact: str) -> list[dict[str, Any]]:
        try:
            events: list[dict[str, Any]] = export_contact(self.runtime, self.name, contact)["events"]
        except NotFound:
            return []
        return events

    def _scores_now(self, bodies: Collection[Body]) -> dict[Any, float | None]:
        score = self.score_today()
        pairs = {(body["contact_id"], body["product_id"]) for body in bodies if body["type"] == "pitch"}
        return {pair: score(pair, self.plain.rate) for pair in pairs}


def load_rows(store: Store, zone: tzinfo) -> None:
    """Load the contacts, products and scores."""
    rows: dict[str, list[dict[str, Any]]] = {
        "products": [{"product_id": p, **more} for p, more in PRODUCTS.items()],
        "contacts": [{"contact_id": c, **more} for c, more in CONTACTS.items()],
        "scores": scores(),
    }
    for kind, of_kind in rows.items():
        import_rows(store, kind, of_kind, zone)


def at_once(work: Callable[[], Any]) -> Any:
    """Run a piece of work that nothing disturbs."""
    return work()


def _answer(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DogError as error:
        return error.code
