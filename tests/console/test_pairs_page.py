"""Pairs and their ledgers: pages that are right, a story that adds up."""

import numpy as np
import pytest
from playwright.sync_api import expect

from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.pair_query import PairQuery, query_pairs
from dog.services.pairs.pair_table import PairTable, PairTables
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import HOSTILE, Visit, picture

FIRST_ROW_STAYS = """() => {
  const now = document.querySelector(".ag-center-cols-container [role=row]"), before = window.firstRow;
  window.firstRow = now && { row: now, text: now.textContent, since: before && before.row === now
    && before.text === now.textContent ? before.since : Date.now() };
  return window.firstRow && now.textContent && Date.now() - window.firstRow.since > 500;
}"""


@pytest.fixture
def table(published: Store, runtime: Runtime) -> PairTable:
    found = PairTables().of(runtime, "default", "recommended", wait_seconds=10)
    assert found is not None
    return found


@pytest.mark.browser
def test_one_sorts_and_filters_pairs_and_opens_a_ledger(published: Store, window: Visit) -> None:
    page = window.page
    page.click("text=Pairs")
    expect(page.locator("#pairs-state")).to_contain_text("18 pairs of 3 contacts")
    expect(page.locator(".ag-center-cols-container [role=row]").first).to_be_visible()
    expect(page.locator(".ag-center-cols-container")).to_contain_text(HOSTILE)
    page.locator(".ag-header-cell", has_text="multiplier").click()
    expect(page.locator(".ag-header-cell[aria-sort=ascending]")).to_have_count(1)
    picture(window, "pairs")
    page.wait_for_function(FIRST_ROW_STAYS)  # a click on a row that is being replaced is lost
    page.locator(".ag-center-cols-container [role=row]").first.click()
    expect(page.locator("#ledger")).to_contain_text("1 pitch.")
    page.wait_for_selector("#ledger .series.up circle")
    page.locator("#ledger").scroll_into_view_if_needed()
    picture(window, "ledger")

    expect(page.locator("#ledger tbody tr")).not_to_have_count(0)


def test_a_page_is_sorted_and_counts_all(table: PairTable, runtime: Runtime) -> None:
    wanted = PairQuery(sort=("wins", True))
    first = query_pairs(runtime, "default", table, wanted, 0, 5)
    rest = query_pairs(runtime, "default", table, wanted, 5, 100)
    rows = [*first["rows"], *rest["rows"]]

    assert first["count"] == 18
    assert len(first["rows"]) == 5
    assert [row["wins"] for row in rows] == [1] * 9 + [0] * 9
    assert len({(row["contact_id"], row["product_id"]) for row in rows}) == 18


def test_filters_leave_what_fits_all_of_them(table: PairTable, runtime: Runtime) -> None:
    wanted = PairQuery(contact_id="c2", product="chair", bounds=[("losses", "greaterThan", 0)])
    found = query_pairs(runtime, "default", table, wanted, 0, 10)

    assert [(row["contact_id"], row["product_id"]) for row in found["rows"]] == [("c2", "p4")]
    assert query_pairs(runtime, "default", table, PairQuery(contact_id="nobody"), 0, 10) == {"count": 0, "rows": []}


def test_a_ledger_adds_up_week_by_week(published: Store, runtime: Runtime) -> None:
    ledger = read_pair_ledger(runtime, "default", "c1", "p1", "recommended")
    first, last = ledger.weeks[0], ledger.weeks[-1]

    assert (first.week, first.pitched, first.won, first.lost) == ("2026-W47", 1, 1, 0)
    assert (last.wins, last.losses, last.pending) == (1, 0, 0)
    assert ledger.now is not None
    assert last.multiplier == ledger.now["multiplier"]
    assert np.isclose(first.win_rate.low, 0.2065, atol=1e-4)
