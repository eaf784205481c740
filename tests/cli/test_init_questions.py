from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dog.cli.init_questions import agree_on, show_proposals
from dog.errors import InvalidInput
from dog.services.data.mapping.propose_entry import Proposal
from dog.services.data.mapping.propose_files import SkippedFile, propose_files

DEALS = "Kunde;Artikel;Ansprechpartner;Status;Datum\n1;A1;Eva;gewonnen;13.11.2026\n2;A1;Max;offen;14.11.2026\n"


def ask(folder: Path, *answers: str) -> tuple[list[Proposal], str]:
    agreed: list[Proposal] = []

    @click.command()
    def command() -> None:
        agreed.extend(agree_on(propose_files(folder)[0], asks=True))

    done = CliRunner().invoke(command, input="\n".join(answers) + "\n", catch_exceptions=False)
    return agreed, done.output


def entries(agreed: Sequence[Proposal]) -> list[tuple[str | None, dict[str, str]]]:
    return [(one.entry.kind, dict(one.entry.columns)) for one in agreed]


def test_what_is_proposed_is_taken_with_one_key_and_words_without_a_type_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    [agreed], _ = ask(tmp_path, "")

    assert agreed.entry.kind == "feedback"
    assert agreed.entry.values == {"type": {"gewonnen": "win", "offen": ""}}


def test_a_no_asks_for_kind_columns_and_words(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    [agreed], asked = ask(tmp_path, "n", "", "", "Ansprechpartner", "", "", "", "pitch")

    assert "'offen' is" in asked
    assert agreed.entry.columns["Ansprechpartner"] == "contact_id"
    assert "Kunde" not in agreed.entry.columns
    assert agreed.entry.values == {"type": {"gewonnen": "win", "offen": "pitch"}}


def test_files_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    (tmp_path / "Kunden.csv").write_text("Kd-Nr\n1\n")
    agreed, _ = ask(tmp_path, "n", "", "", "skip")

    assert entries(agreed) == [("contacts", {"Kd-Nr": "contact_id"})]


def test_a_date_that_may_mean_two_days_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("Customer ID,SKU,Date\n1,A1,03/04/2026\n")
    [agreed], asked = ask(tmp_path, "", "mm/dd/yyyy")

    assert "may have the day or the month first" in asked
    assert agreed.entry.date_format == "mm/dd/yyyy"


def test_without_questions_a_missing_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Kunde;Artikel;Status\n1;A1;gewonnen\n")

    with pytest.raises(InvalidInput, match="no column for occurred_at of feedback; columns found: Kunde, A"):
        agree_on(propose_files(tmp_path)[0], asks=False)


def test_each_file_is_shown_with_what_it_is_taken_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    show_proposals(propose_files(tmp_path)[0], [SkippedFile("notes.csv", "no columns of a known kind")])
    shown = capsys.readouterr().out

    for part in ("deals.csv", "feedback", "Kunde -> contact_id", "gewonnen = win", "left out: offen", "notes.csv"):
        assert part in shown
