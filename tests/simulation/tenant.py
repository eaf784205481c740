"""The tenant of a run: that of the protocol's model, with the default settings of policies, beside its verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dog.services.policies.policy_store import store_policy
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.store import Tenant, put_tenant
from tests.conftest import SECRET, Clock
from tests.properties.protocol.checks import ComparedTenant, is_close, policy_of
from tests.properties.protocol.model import PlainTenant, said
from tests.properties.protocol.plain_lists import plain_list
from tests.properties.protocol.tenant import load_rows
from tests.properties.protocol.world import OUTCOMES, SENDERS, Plan
from tests.simulation.history import Body

TENANT = "default"
PARTITIONS = 4
"""Few, so that reading all of them is quick."""
OF_VERDICTS = ("streak", "market", "business", "channel", "time")
"""What verdicts decide of an item, the factors of its models aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPlan(Plan):
    """A policy that leaves learning and exploration as they are by default."""

    def document(self) -> dict[str, Any]:
        """Return the policy."""
        document = Plan.document(self)
        document["reinforcement"] = {"streak": document["reinforcement"]["streak"]}
        return document


PLAN = DefaultPlan()


def load_tenant(runtime: Runtime) -> None:
    """Make the tenant with contacts, products, scores and a policy."""
    put_tenant(runtime.redis, Tenant(TENANT, SECRET, PARTITIONS))
    store = runtime.store(TENANT)
    load_rows(store, runtime.settings.zone)
    store_policy(store, policy_of(PLAN), "me", "", runtime.clock(), activate=True)
    refresh_consolidation(LocalRunner(runtime), store, runtime.clock())  # as `dog load scores` does


class VerdictTenant(ComparedTenant):
    """The tenant, of whose lists only what follows from verdicts is compared."""

    def __init__(self, runtime: Runtime, events: Iterable[tuple[str, Body]] = ()) -> None:
        """`events` are those that count, each with its sender."""
        assert isinstance(runtime.clock, Clock)
        super().__init__(runtime, TENANT, PlainTenant(clock=runtime.clock, plan=PLAN))
        for sender, body in events:
            if body["type"] not in OUTCOMES:
                self.plain.verdicts.said[body["event_id"]] = said(body, SENDERS[sender])

    def check_list(self, contact: str, actor: str | None) -> None:
        """Compare what verdicts decide of a contact's list with the plain model."""
        found = self.read_list(contact, actor)
        if self.rests(contact, found):
            return
        models = {item["product_id"]: item["factors"]["models"] for item in found["items"]}
        calibrated = {(p, name): model["calibrated"] for p, own in models.items() for name, model in own.items()}
        expected = {item["product"]: item for item in plain_list(self.plain, contact, actor, calibrated)}
        shown = {item["product_id"]: item["factors"] | item["attributes"] for item in found["items"]}
        assert shown.keys() == expected.keys(), (contact, actor, shown.keys(), expected.keys())
        for product, item in expected.items():
            assert is_close(*[{name: it[name] for name in OF_VERDICTS} for it in (shown[product], item)])
            factors = {name: [model["calibrated"], model["multiplier"]] for name, model in models[product].items()}
            assert is_close(factors, item["models"]), (contact, product, factors, item["models"])
