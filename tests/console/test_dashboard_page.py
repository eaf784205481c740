"""The dashboard: figures that add up, jobs that run, findings that name what is missing."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.week_figures import count_weeks, lists_this_week
from dog.services.runtime import Runtime
from dog.storage.run_log import Run, put_run
from dog.storage.store import Store
from tests.conftest import Clock
from tests.console.conftest import Visit, picture


@pytest.mark.browser
def test_the_desk_tells_how_it_goes_and_runs_the_recompute(
    published: Store, window: Visit, runtime: Runtime, clock: Clock
) -> None:
    page = window.page
    clock.set("2026-12-08T00:00:00")
    run = Run(run_id="r1", kind="evaluate", at_ms=clock.now_ms, seconds=1.0, settings={}, code="v", data="h")
    put_run(published, replace(run, metrics={"lift": 1.25}, outcome="kept"))
    page.click("text=Desk")
    expect(page.locator(".tiles")).to_contain_text("50.0%")
    expect(page.locator(".tiles")).to_contain_text("29.0% to 71.0%, of 18 resolved pitches")
    expect(page.locator("#page")).to_contain_text("lift 1.25")
    expect(page.locator("#desk-jobs tbody tr")).to_have_count(1)
    page.click("#desk-run")
    expect(page.locator("#desk-jobs tbody tr")).to_have_count(2)
    expect(page.locator("#desk-jobs tbody tr").first).to_contain_text("done")
    page.wait_for_selector(".chart .series.pale rect", state="attached")
    picture(window, "desk")
    page.click("#desk-examine")
    expect(page.locator("#desk-findings")).to_contain_text("append-only file on")


@pytest.mark.browser
def test_who_may_only_read_sees_neither_the_run_button_nor_the_settings(
    open_window: Callable[..., Visit], make_key: Callable[..., str], published: Store
) -> None:
    visit = open_window()
    visit.log_in(make_key("read"))
    visit.page.click("text=Desk")
    expect(visit.page.locator("#desk-jobs tbody tr")).to_have_count(1)

    expect(visit.page.locator("#desk-run")).to_be_hidden()
    assert visit.page.locator("#desk-examine").count() == 0
    assert [error for error in visit.errors if "nonexistent" not in error] == []


def test_weeks_count_each_event_once(published: Store, runtime: Runtime) -> None:
    weeks = count_weeks(runtime, "default", 8)

    assert sum(week["win"] for week in weeks) == 9
    assert sum(week["loss"] for week in weeks) == 9
    assert sum(week["pitch"] for week in weeks) == 18
    assert weeks[-1]["pitch"] == 0  # they were eleven days ago
    assert weeks[-2]["pitch"] == 18


def test_lists_are_counted_by_week_and_contact(shop: Store, runtime: Runtime) -> None:
    for contact in ("c1", "c1", "c2"):
        recommend(runtime, "default", ListRequest(contact))

    assert lists_this_week(runtime, "default") == {"week": "2026-W47", "lists": 3, "contacts": 2}
