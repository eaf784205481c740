"""The page of shadow lists: what the challenger of a policy would have offered, and what was won later."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template

from dog.console.policy_requests import chosen_policy, names_of_policies
from dog.console.runs.shadow_words import both_ways, count_wins, describe_wins
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults
from dog.services.child_process import Report, run_in_child_if_large
from dog.services.lists.snapshot import Snapshots
from dog.services.policies.policy_store import read_active_policies
from dog.services.runtime import Runtime

routes = Blueprint("shadow", __name__)


@routes.get("/runs/shadow")
def show() -> str:
    """Start the comparison, and show the page."""
    require("read")
    policies = _shadowed()
    policy = chosen_policy(policies)
    if policy is not None:
        _start(policy)
    return render_template("shadow.html", policies=policies, policy=policy)


@routes.get("/runs/shadow/lists")
def show_lists() -> str:
    """Show the comparison, or that it is under way."""
    require("read")
    policy = chosen_policy(_shadowed()) or ""
    found, running = runtime().shared(BackgroundResults).result(_key(policy))
    if found is None and not running:  # another worker was asked first: compare in this one too
        _start(policy)
        running = True
    if running or isinstance(found, DogError):
        fault = found.message if found else ""
        return render_template("shadow_lists.html", policy=policy, running=running, fault=fault)
    return render_template(
        "shadow_lists.html",
        policy=policy,
        running=False,
        found=found,
        wins=count_wins(found),
        verdict=describe_wins(found),
        moved=_moved(found),
    )


def _shadowed() -> list[str]:
    """Return the names of the active policies that have a challenger in the shadow, the default first."""
    active = read_active_policies(runtime().store(tenant()))
    return [name for name in names_of_policies() if name in active and active[name][1].shadow is not None]


def _key(policy: str) -> tuple[str, str]:
    return tenant(), f"shadow {policy}"


def _start(policy: str) -> None:
    the_runtime, the_tenant = runtime(), tenant()
    compare = partial(_compare, tenant=the_tenant, policy=policy)
    results = the_runtime.shared(BackgroundResults)
    results.start(_key(policy), lambda: run_in_child_if_large(the_runtime, the_tenant, compare, lambda *_: None))


def _compare(the_runtime: Runtime, _report: Report, *, tenant: str, policy: str) -> dict[str, Any]:
    from dog.offline.proof.shadow_report import report_shadow  # noqa: PLC0415  # SciPy takes 0.3 seconds to import

    return report_shadow(the_runtime, tenant, policy)


def _moved(found: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Return what is on more or fewer of the challenger's lists: kind, name and number of lists."""
    catalogue = runtime().shared(Snapshots).get(runtime().store(tenant())).catalogue
    rows = []
    for product_id, lists in both_ways(found["products"]):
        rows.append((_("product"), catalogue.name_of(product_id), lists))
    for category, lists in both_ways(found["categories"]):
        rows.append((_("category"), category, lists))
    return rows
