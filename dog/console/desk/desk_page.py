"""The desk's page: figures read in the background, learning, models, evaluations."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, render_template, request

from dog.console.desk.cohort_view import describe_cohorts, draw_cohorts
from dog.console.desk.funnel_view import describe_funnel
from dog.console.desk.learning_view import draw_learning, draw_spread, predicted_and_observed
from dog.console.desk.month_words import Names, describe_month, describe_move
from dog.console.session import require, runtime, tenant
from dog.services.data.describe_models import describe_models
from dog.services.desk.desk_reader import DeskFigures, DeskReader
from dog.services.desk.largest_moves import PairMove
from dog.services.desk.month_review import review_month
from dog.services.lists.snapshot import Snapshots
from dog.storage.contacts import read_arrays
from dog.storage.multiplier_versions import read_versions
from dog.storage.policy_versions import read_default_policy

routes = Blueprint("desk", __name__)


@routes.get("/desk")
def show() -> str:
    """Show the page; figures that are not read yet follow."""
    require("read")
    return render_template(
        "desk.html",
        figures=_figures(),
        learning=_learning(),
        models=describe_models(runtime(), tenant()),
    )


@routes.get("/desk/figures")
def figures() -> str:
    """Show the figures as far as they are read."""
    require("read")
    return render_template("desk_figures.html", figures=_figures())


def _figures() -> dict[str, Any]:
    """Return what the figures' template shows; `by` and `span` of the request choose the funnel's table."""
    reading = runtime().shared(DeskReader).read(runtime(), tenant())
    found = {"progress": reading.progress, "error": reading.error, "query": request.query_string.decode()}
    return found if reading.figures is None else found | _describe(reading.figures)


def _describe(figures: DeskFigures) -> dict[str, Any]:
    catalogue = runtime().shared(Snapshots).current(runtime().store(tenant())).catalogue
    products = {product_id: catalogue.name_of(product_id) for product_id in catalogue.ids}
    review = review_month(figures.pitches)
    return {
        "as_of_ms": figures.pitches.as_of_ms,
        "sentences": describe_month(review, products),
        "month": review.month,
        "lists": figures.lists_this_week,
        "accepts": figures.accepts,
        "chart": draw_cohorts(figures.pitches.days),
        "cohorts": describe_cohorts(figures.pitches.days),
        "funnel": describe_funnel(figures, products, request.args.get("by"), request.args.get("span")),
        "moves": _moves(figures.moves, catalogue.ids, products),
    }


def _moves(moves: Sequence[PairMove], ids: Sequence[str], products: Names) -> list[dict[str, Any]]:
    """Return the largest moves with names and reasons."""
    contacts = [move.contact for move in moves]
    packed = read_arrays(runtime().store(tenant()), "contacts", "", contacts) if contacts else []
    records = [orjson.loads(record or b"{}") for record in packed]
    return [
        {
            "move": move,
            "contact": record.get("name") or record.get("contact_id") or "",
            "product": products[ids[move.product]] if move.product < len(ids) else "",
            "reason": describe_move(move),
        }
        for move, record in zip(moves, records, strict=True)
    ]


def _learning() -> dict[str, Any]:
    """Return charts of the versions; empty before the first."""
    store = runtime().store(tenant())
    held = runtime().shared(Snapshots).current(store).version
    versions = read_versions(store)
    active = next((one for one in versions if held and one.version == held.version), None)
    if active is None:
        return {}
    policy = read_default_policy(store)
    summary: Mapping[str, Any] = active.policies.get(policy, {}).get("summary") or {}
    return {
        "trust": draw_learning(versions, policy),
        "spread": draw_spread(summary),
        "came_true": predicted_and_observed(summary),
    }
