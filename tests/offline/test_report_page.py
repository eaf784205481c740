"""A report is a page of its own, and the same parts in another frame."""

from dog.offline.report_page import parts_of, render_page, table

HOSTILE = "</main><img src=x onerror=alert(1)>"


def test_names_are_shown_as_text() -> None:
    page = render_page(HOSTILE, [table(["product", "AUC"], [[HOSTILE, HOSTILE]])])

    assert "<img" not in page
    assert page.count("</main>") == 1


def test_rows_and_columns_of_a_table_have_headings() -> None:
    shown = table(["", "AUC"], [["cf", "0.7"]])

    assert "<td><th scope=col class=n>AUC" in shown
    assert "<th scope=row>cf<td class=n>0.7" in shown


def test_a_page_of_an_earlier_version_has_no_parts() -> None:
    assert parts_of("<!doctype html><title>Old</title><p>text</p>") == ""
