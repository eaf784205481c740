"""The coverage page: figures measured in the background, for a policy, a least chance and a segment; and of drafts."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from dog.console.coverage.coverage_view import describe_causes, describe_contacts
from dog.console.policy_requests import chosen_policy, document_of, names_of_policies
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.errors import InvalidInput
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.pair_facts import usual_chance
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.coverage_gaps import find_gaps
from dog.services.publishing.coverage_reader import CoverageReader
from dog.services.publishing.measure_coverage import measure_coverage
from dog.storage.contacts import read_records_of

POOR = 0.5
"""An offer is poor below this share of the usual win rate, where the request names no chance."""
DRAFT_CONTACTS = 2_000
"""Contacts on which a draft is measured while the page waits."""

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


@routes.post("/coverage/draft")
def show_draft() -> str:
    """Compare a draft with the live version on a sample of contacts: who gets nothing or only poor offers, and why."""
    require("admin")
    store, policy = runtime().store(tenant()), request.form.get("policy", "")
    draft = check_policy(store, request.form.get("text", "").replace("\r\n", "\n"), runtime().today())
    snapshot = runtime().shared(Snapshots).current(store)
    least = _least_of(_usual(snapshot, snapshot.policy(policy)))
    measured = [
        measure_coverage(runtime(), tenant(), policy, draft=one, most_contacts=DRAFT_CONTACTS) for one in (None, draft)
    ]
    live, gaps = (find_gaps(one, least / 100) for one in measured)
    records = read_records_of(store, [contact for contact, _best in gaps.listed])
    return render_template(
        "coverage_draft.html",
        complete=measured[1].complete,
        live=live.total,
        gaps=gaps,
        least=least,
        causes=describe_causes(gaps, draft.to_document()["rules"], snapshot.catalogue),
        contacts=describe_contacts(gaps, records),
    )


def _usual(snapshot: Snapshot, active: ActivePolicy) -> float | None:
    return None if active.policy.consolidation == "rrf" else usual_chance(snapshot, active)  # ranks are not chances


def _least_of(usual: float | None) -> float:
    """Return below which chance, in per cent, an offer is poor where the request does not say."""
    return round(100 * POOR * (usual or 0.0), 1)


def _find(policy: str) -> dict[str, Any]:
    """Return what the figures' template shows of a policy, by the request's `version`, `least` and `segment`."""
    store = runtime().store(tenant())
    snapshot = runtime().shared(Snapshots).current(store)
    active = snapshot.policy(policy)
    policy = active.policy.name
    version, segment = request.args.get("version") or active.version, request.args.get("segment")
    rules = document_of(policy, version)["rules"]
    usual = _usual(snapshot, active)
    asked_least = request.args.get("least")
    least = _read_percent(asked_least) if asked_least else _least_of(usual)
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
