"""`dog.toml`: read strictly, with the place of each fault; and the entry that a file has."""

from pathlib import Path

import pytest

from dog.core.documents.section import Section
from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import LoadMap, parse_load_map, read_load_map
from dog.services.data.mapping.map_entries import PLAIN, FileEntry, HookEntry, check_encoding

WHOLE = """
[files.feedback]
path = "Vorgänge.xlsx"
sheet = "2026"
delimiter = ";"
decimal = ","
date_format = "dd.mm.yyyy"
encoding = "cp1252"

[files.feedback.columns]
"Customer ID" = "contact_id"
"Notiz" = ""

[files.feedback.values.type]
"Closed Won" = "win"

[files.feedback.constants]
actor_id = "crm"

[files.stock]
kind = "products"
columns = {"Preis netto" = "net_price"}
"""


def test_a_whole_file_is_read_and_written_as_it_was() -> None:
    entry = parse_load_map(WHOLE).files["feedback"]

    assert entry.columns == {"Customer ID": "contact_id", "Notiz": ""}
    assert (entry.kind, entry.delimiter, entry.values) == ("feedback", ";", {"type": {"Closed Won": "win"}})
    assert entry.to_document()["constants"] == {"actor_id": "crm"}
    assert FileEntry.schema()["additionalProperties"] is False


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[files.feedback]\ndelimeter = ";"',
            "line 2, column 1: /files/feedback/delimeter: unknown key; did you mean del",
        ),
        ("[file.feedback]", ": /file: unknown key; did you mean files?"),
        ("[files.feedbak]", "line 1, column 1: /files/feedbak: kind is missing: one of products, contacts"),
        ('[files.a]\nkind = "feedbak"', "line 2, column 1: /files/a/kind: must be one of products"),
        ('[files.scores]\ndecimal = ";"', "/files/scores/decimal: must be one of ., ,"),
        ('[files.scores]\ndate_format = "x"', "/files/scores/date_format: 'x' is not a date format; write dd.mm.yyyy"),
        ('[files.scores]\nencoding = "x"', "/files/scores/encoding: 'x' is not an encoding; write utf-8"),
        (
            '[files.scores.columns]\na = "contact"',
            "line 2, column 1: /files/scores/columns/a: unknown column contact; did",
        ),
        (
            '[files.scores.columns]\na = "model"\nb = "model"',
            "line 3, column 1: /files/scores/columns/b: model is the col",
        ),
        (
            '[files.feedback.values.typ]\na = "win"',
            "/files/feedback/values/typ: unknown column typ; did you mean type?",
        ),
        (
            '[files.feedback.values.type]\na = "won"',
            "line 2, column 1: /files/feedback/values/type/a: must be one of acc",
        ),
        (
            '[files.feedback.constants]\ntype = "won"',
            "line 2, column 1: /files/feedback/constants/type: must be",
        ),
        ("[files.feedback.columns]\na = 1", "line 2, column 1: /files/feedback/columns/a: must be text"),
        ("[files", "not TOML"),
    ],
)
def test_each_fault_has_its_place(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_load_map(text)

    assert fault in error.value.message
    assert len(error.value.faults) == 1


def test_all_faults_are_found(tmp_path: Path) -> None:
    path = tmp_path / "dog.toml"
    path.write_text('[files.scores]\ndelimeter = ";"\nsheat = "a"\n')
    with pytest.raises(InvalidInput, match=r"^dog\.toml: line 2") as error:
        read_load_map(path)

    assert error.value.code == "invalid_map"
    assert [fault.pointer for fault in error.value.faults] == ["/files/scores/delimeter", "/files/scores/sheat"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"dog\.toml cannot be read: No such file"):
        read_load_map(tmp_path / "dog.toml")
    (tmp_path / "dog.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="is not UTF-8"):
        read_load_map(tmp_path / "dog.toml")


def test_a_file_has_the_entry_with_its_name_or_that_of_its_kind() -> None:
    old, new = (FileEntry(kind="feedback", path=f"data/{year}.csv") for year in (2025, 2026))
    stock, usual = FileEntry(kind="products", encoding="cp1252"), FileEntry(kind="feedback")
    found = LoadMap(files={"old": old, "new": new, "stock": stock})

    assert found.entry("feedback", Path("2026.csv")) is new
    assert found.entry("feedback", Path("2026.csv.rejected.2.csv")) is new
    assert found.entry("products", Path("any.csv")) is stock
    assert found.entry("contacts", Path("2026.csv")) is PLAIN
    assert LoadMap(files={"feedback": usual, "new": new}).entry("feedback", Path("2027.csv")) is usual
    with pytest.raises(InvalidInput, match=r"none of the entries old, new .* has the path 2027\.csv"):
        found.entry("feedback", Path("2027.csv"))


@pytest.mark.parametrize("name", ["base64", "x", "", "a\0b"])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not an encoding"):
        check_encoding(name)


HOOK = """
[hooks.crm]
scheme = "token"
items = "events"
id = ["deal.id", "stage"]
only_with = "previous.stage"
ids = "salesforce"

[hooks.crm.columns]
"deal.person" = "contact_id"

[hooks.crm.values.type]
"Closed Won" = "win"
"*" = ""
"""


def test_a_hook_is_read_and_written_as_it_was() -> None:
    entry = parse_load_map(HOOK).hooks["crm"]

    assert (entry.scheme, entry.items, entry.id) == ("token", "events", ("deal.id", "stage"))
    assert (entry.only_with, entry.ids) == (("previous.stage",), "salesforce")
    assert HookEntry.read(Section(entry.to_document())) == entry


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[hooks.crm]", "/hooks/crm/scheme: is missing: one of standard, hubspot"),
        ('[hooks.crm]\nscheme = "hubspott"', "line 2, column 1: /hooks/crm/scheme: must be one of standard"),
        ('[hooks.crm]\nscheme = "token"', "/hooks/crm: id is missing: scheme token sends none"),
        ('[hooks.CRM]\nscheme = "segment"', "/hooks/CRM: its name must be 1 to 64 of a-z"),
        ('[hooks.crm]\nscheme = "segment"\nid = 7', "/hooks/crm/id: must be a list of texts"),
        ('[hooks.crm]\nscheme = "segment"\n[hooks.crm.columns]\na = "event_id"', "event_id is made of the paths in id"),
        ('[hooks.crm]\nscheme = "segment"\n[hooks.crm.columns]\na = "contact"', "unknown column contact; did you"),
        ('[hooks.crm]\nscheme = "segment"\n[hooks.crm.values.type]\na = "won"', "must be one of accept"),
        ('[hooks.crm]\nscheme = "segment"\nitem = "a"', "/hooks/crm/item: unknown key; did you mean items?"),
    ],
)
def test_each_fault_of_a_hook_has_its_place(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_load_map(text)

    assert fault in error.value.message
    assert len(error.value.faults) == 1
