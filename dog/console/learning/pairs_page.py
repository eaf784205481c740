"""The pairs page: all pairs of the active version, sorted and filtered by the server, and one pair's ledger."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from dog.console import MOUNT_PATH
from dog.console.learning.pair_ledger_view import describe_ledger
from dog.console.policy_requests import chosen_policy, names_of_policies
from dog.console.session import require, runtime, tenant
from dog.console.texts import N_
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.pair_query import NUMBER_COLUMNS, PairQuery, query_pairs
from dog.services.pairs.pair_table import PairTable, PairTables

PAGE_ROWS = 50
READ_WAIT_SECONDS = 0.5
HEADINGS: Mapping[str, str] = {
    "pitches": N_("pitches"),
    "wins": N_("won"),
    "losses": N_("lost"),
    "pending": N_("open"),
    "expected": N_("expected"),
    "ratio": N_("won per expected"),
    "win_rate": N_("win rate"),
    "multiplier": N_("multiplier"),
}
"""Columns of numbers by their heading."""

routes = Blueprint("pairs", __name__)


@routes.get("/pairs")
def show() -> str:
    """Show one page of pairs, and the ledger of the selected one."""
    require("read")
    policies = names_of_policies()
    policy = chosen_policy(policies)
    if policy is None or runtime().shared(Snapshots).current(runtime().store(tenant())).version is None:
        return render_template("pairs.html", policies=policies, policy=policy, table=None, is_reading=False)
    table = runtime().shared(PairTables).of(runtime(), tenant(), policy, READ_WAIT_SECONDS)
    if table is None:
        return render_template(
            "pairs.html", policies=policies, policy=policy, table=None, is_reading=True, address=_address
        )
    query, number = _query(), max(1, request.args.get("page", 1, type=int))
    found = query_pairs(runtime(), tenant(), table, query, (number - 1) * PAGE_ROWS, number * PAGE_ROWS)
    return render_template(
        "pairs.html",
        policies=policies,
        policy=policy,
        table=table,
        headings={name: HEADINGS[name] for name in _columns(table)},
        rows=found["rows"],
        count=found["count"],
        number=number,
        last=max(1, -(-found["count"] // PAGE_ROWS)),
        sort=query.sort or (None, True),
        kept=request.args,
        address=_address,
        ledger=_ledger(policy),
    )


def _address(**changes: object) -> str:
    """Return the address of this page with some of its parameters changed."""
    return f"{MOUNT_PATH}/pairs?{urlencode({**request.args.to_dict(), **changes})}"


def _columns(table: PairTable) -> list[str]:
    """Return the columns that matter to what the multipliers are made from."""
    by_expected = table.multipliers.settings.neutral == "expected"
    hidden = {"win_rate"} if by_expected else {"expected", "ratio"}
    return [name for name in HEADINGS if name not in hidden]


def _query() -> PairQuery:
    """Return the filters and the order that the address names; unknown columns are ignored."""
    given = request.args
    column, sort = given.get("column", ""), given.get("sort", "")
    limits = (("greaterThanOrEqual", "at_least"), ("lessThanOrEqual", "at_most"))
    bounds = [
        (column, comparison, number)
        for comparison, name in limits
        if column in NUMBER_COLUMNS and (number := given.get(name, type=float)) is not None
    ]
    return PairQuery(
        contact_id=given.get("contact", "").strip(),
        product=given.get("product", "").strip(),
        bounds=bounds,
        sort=(sort, given.get("order") != "up") if sort in NUMBER_COLUMNS else None,
    )


def _ledger(policy: str) -> dict[str, Any] | None:
    contact_id, product_id = request.args.get("of_contact"), request.args.get("of_product")
    if not contact_id or not product_id:
        return None
    return describe_ledger(read_pair_ledger(runtime(), tenant(), contact_id, product_id, policy))
