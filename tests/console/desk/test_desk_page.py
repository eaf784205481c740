"""The desk: win rates by cohort, the funnel, learning and models, in plain words."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock, event
from tests.console.conftest import ADMIN, Visit, picture

Open = Callable[..., FlaskClient]
Read = Callable[..., str]


def cells(text: str, table: str) -> list[list[str]]:
    """Return the texts of the rows of a table's body."""
    body = text.partition(f'id="{table}"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def test_the_win_rate_counts_pitches_by_the_week_in_which_they_were_made(
    log_in: Open, desk: Read, shop: Store, runtime: Runtime, clock: Clock
) -> None:
    sent = [event(f"p{n}", "pitch", f"p{n}", occurred_at="2026-11-10T10:00:00Z") for n in range(1, 5)]
    sent += [event("w1", "win", "p1", occurred_at="2026-11-19T10:00:00Z")]
    answer_feedback(runtime, "default", sent, substitute=False, sender=ADMIN)
    text = desk(log_in("read"))

    assert [row[:5] for row in cells(text, "cohorts-table")] == [["9 Nov", "4", "1", "0", "3"]]
    assert cells(text, "cohorts-table")[0][5].startswith("25.0 %")  # not 1 of 1 settled
    assert "4 pitches in the last four weeks (0 in the four weeks before): 1 won so far" in text


def test_the_funnel_follows_listed_pairs_by_a_choice_of_splits(
    log_in: Open, desk: Read, shop: Store, runtime: Runtime
) -> None:
    recommend(runtime, "default", ListRequest("c1", k=2))
    at = "2026-11-20T12:00:00Z"
    sent = [event("a", "accept", "p1", occurred_at=at), event("b", "pitch", "p1", occurred_at=at)]
    answer_feedback(runtime, "default", sent, substitute=False, sender=ADMIN)
    client = log_in("read")

    assert cells(desk(client, "?by=product"), "funnel-table")[0][:5] == ["Fax machine", "1", "1", "1", "0"]
    assert cells(desk(client, "?by=segment"), "funnel-table")[0][:5] == ["gold", "2", "1", "1", "0"]
    assert cells(desk(client, "?by=product&span=quarter"), "funnel-table")[0][:3] == ["Fax machine", "1", "0"]


def test_an_empty_tenant_has_a_desk(log_in: Open, desk: Read) -> None:
    text = desk(log_in("read"))

    assert "No pitch was made in the last four weeks." in text
    assert "There are no multipliers yet" in text
    assert "No scores are loaded" in text


def test_names_are_text(log_in: Open, desk: Read, published: Store, runtime: Runtime, clock: Clock) -> None:
    clock.set("2026-12-08T00:00:00")
    run_recompute(runtime, "default")
    text = desk(log_in("read"), "?by=product&span=quarter")

    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img src=x" not in text


def test_learning_and_models_are_shown(log_in: Open, desk: Read, published: Store) -> None:
    assert published.tenant.name == "default"
    text = desk(log_in("read"))

    assert "Of 18 settled pitches with a score 50.0 % won" in text
    assert 'data-label="Trust and evidence known to new scores, by week"' in text
    assert 'data-label="Pairs by multiplier"' in text
    assert "30 days" in text  # scores of 1 November


def test_without_the_scope_there_is_no_desk(log_in: Open) -> None:
    client = log_in("feedback")

    assert client.get("/console/desk").status_code == 403
    assert client.get("/console/desk/figures").status_code == 403


@pytest.mark.browser
def test_the_desk_draws_its_charts_and_runs_a_recompute_and_a_check(
    published: Store, window: Visit, runtime: Runtime, clock: Clock
) -> None:
    page = window.page
    clock.set("2026-12-08T00:00:00")
    page.click("text=Desk")
    expect(page.locator("#cohorts-table tbody tr")).to_have_count(1)
    page.wait_for_selector("#desk-figures .chart .series.up circle", state="attached")
    page.wait_for_selector(".chart .series.pale rect", state="attached")
    picture(window, "desk", full_page=True)
    page.click("text=13 weeks")
    expect(page.locator("#funnel-table thead")).to_contain_text("final rate")
    expect(page.locator("#desk-jobs tbody tr")).to_have_count(1)
    page.click("#desk-run")
    expect(page.locator("#desk-jobs tbody tr")).to_have_count(2)
    expect(page.locator("#desk-jobs tbody tr").first).to_contain_text("done")
    page.click("#desk-check")
    expect(page.locator("#desk-findings")).to_contain_text("append-only file on")
