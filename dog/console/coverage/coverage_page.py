"""The coverage page: figures measured in the background, for a policy, a least chance and a segment."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from dog.console.coverage.coverage_view import describe_causes, describe_contacts
from dog.console.policy_requests import chosen_policy, document_of, names_of_policies
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.errors import InvalidInput
from dog.services.lists.pair_facts import usual_chance
from dog.services.lists.snapshot import Snapshots
from dog.services.publishing.coverage_gaps import find_gaps
from dog.services.publishing.coverage_reader import CoverageReader
from dog.storage.contacts import read_records_of

POOR = 0.5
"""An offer is poor below this share of the usual win rate, where the request names no chance."""

routes = Blueprint("coverage", __name__)


@routes.get("/coverage")
def show() -> str:
    """Show the page; figures that are not measured yet follow."""
    require("read")
    names = names_of_policies()
    policy = chosen_policy(names)
    return render_template("coverage.html", policies=names, policy=policy, found=_find(policy) if policy else None)


@routes.get("/coverage/figures")
def figures() -> str:
    """Show the figures as far as they are measured."""
    require("read")
    policy = request.args.get("policy", "")
    return render_template("coverage_figures.html", policy=policy, found=_find(policy))


def _find(policy: str) -> dict[str, Any]:
    """Return what the figures' template shows of a policy, by the request's `version`, `least` and `segment`."""
    store = runtime().store(tenant())
    snapshot = runtime().shared(Snapshots).current(store)
    active = snapshot.policy(policy)
    policy = active.policy.name
    version, segment = request.args.get("version") or active.version, request.args.get("segment")
    rules = document_of(policy, version)["rules"]
    usual = None if active.policy.consolidation == "rrf" else usual_chance(snapshot, active)  # ranks are not chances
    asked_least = request.args.get("least")
    least = _read_percent(asked_least) if asked_least else round(100 * POOR * (usual or 0.0), 1)
    reading = runtime().shared(CoverageReader).read(runtime(), tenant(), policy, version)
    asked = {"policy": policy, "version": version, "least": least}
    found = {
        "progress": reading.progress,
        "error": reading.error,
        "version": version,
        "is_live": version == active.version,
        "usual": usual,
        "least": least,
        "segment": segment,
        "query": urlencode(asked if segment is None else {**asked, "segment": segment}),
        "query_of_all": urlencode(asked),
    }
    coverage = reading.figures
    if coverage is None:
        return found
    gaps = find_gaps(coverage, least / 100, segment)
    records = read_records_of(store, [contact for contact, _best in gaps.listed])
    return found | {
        "as_of_ms": coverage.as_of_ms,
        "complete": coverage.complete,
        "gaps": gaps,
        "causes": describe_causes(gaps, rules, snapshot.catalogue),
        "contacts": describe_contacts(gaps, records),
    }


def _read_percent(text: str) -> float:
    try:
        least = float(text.replace(",", "."))
    except ValueError:
        least = -1.0
    if not 0 <= least <= 100:  # per cent
        raise InvalidInput(_("least is “%(given)s”; give a chance in per cent, such as 7.5", given=text))
    return least
