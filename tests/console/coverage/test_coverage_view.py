"""Causes in words and contacts by name."""

from typing import Any

from dog.console.console_app import create_console
from dog.console.coverage.coverage_view import describe_causes, describe_contacts
from dog.services.lists.taken_offers import Cause
from dog.services.publishing.coverage_gaps import CauseGap, CoverageGaps, Gap
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store

RULE: dict[str, Any] = {"id": "no-fax", "when": "product.id = 'p1'", "then": {"exclude": True}, "reason": "Fax is out"}


def cause(found: Cause, products: tuple[int, ...] = ()) -> CauseGap:
    return CauseGap(
        cause=found,
        contacts=1,
        options=1,
        nothing=1,
        poor=0,
        best=0.1,
        products=products,
        product_count=9,
        segments=[("gold", 1)],
    )


GAPS = CoverageGaps(
    total=Gap(contacts=1, nothing=1, poor=0, best=None),
    segments=(),
    segment_count=0,
    causes=[
        cause(Cause("rule", "no-fax"), (0, 4)),
        cause(Cause("rule", "gone")),
        cause(Cause("rest")),
        cause(Cause("season")),
    ],
    unscored=0,
    together=0,
    listed=[(b"c1", None), (b"erased", 0.02)],
)


def test_a_cause_is_named_by_its_rule_or_by_what_it_is(runtime: Runtime, loaded: Store) -> None:
    with create_console(runtime).test_request_context():
        shown = describe_causes(GAPS, [RULE], read_catalogue(loaded))

    assert [(one["name"], one["rule"]) for one in shown] == [
        ("Fax is out", "no-fax"),
        ("gone", "gone"),
        ("Rests after a discard", ""),
        ("Products not offered on this day", ""),
    ]
    assert shown[0]["words"] == "excludes, where product.id = 'p1'"
    assert len(shown[0]["products"]) == 1  # the other is not in the catalogue
    assert shown[0]["others"] == 7


def test_a_contact_that_was_erased_meanwhile_is_left_out() -> None:
    shown = describe_contacts(GAPS, {b"c1": {"contact_id": "c1", "name": "Ann", "segment": "gold"}})

    assert shown == [{"id": "c1", "name": "Ann", "segment": "gold", "best": None}]
