from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

import pytest

from dog.core.documents.choice_fields import ChoiceField, ChoiceOrNumberField
from dog.core.documents.fields import DayField, FlagField, NumberField, TextField, TextsField, WholeField
from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable, TableField, TablesField


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(DocumentTable):
    size: Annotated[float, NumberField("Size.", above=0, at_most=1)] = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(DocumentTable):
    read_first: ClassVar[tuple[str, ...]] = ("count",)

    name: Annotated[str, TextField("Name.", pattern="[a-z]+", must="must be small letters")]
    count: Annotated[int, WholeField("Count.", at_least=1, at_most=9)] = 2
    color: Annotated[str, ChoiceField("Colour.", ("red", "blue"))] = "red"
    centre: Annotated[str | float, ChoiceOrNumberField("Centre.", ("mean",), NumberField(above=0, below=1))] = "mean"
    tags: Annotated[tuple[str, ...], TextsField("Tags.")] = ()
    start: Annotated[date | None, DayField("First day.", key="from")] = None
    seen: Annotated[bool | None, FlagField("Whether seen.")] = None
    inner: Annotated[Inner, TableField("Inner.", Inner)] = Inner()
    more: Annotated[tuple[Inner, ...], TablesField("More.", Inner, at_most=2)] = ()


WHOLE: dict[str, Any] = {
    "name": "it",
    "count": 3,
    "color": "blue",
    "centre": 0.5,
    "tags": ["a"],
    "from": "2026-12-31",
    "seen": True,
    "inner": {"size": 1.0},
    "more": [{"size": 0.75}],
}


def faults_of(document: dict[str, Any], *, ranges_last: bool = False) -> list[str]:
    section = Section(document, ranges_last=ranges_last)
    Outer.read(section)
    return [f"{fault.pointer} {fault.code}" for fault in section.faults]


def test_a_document_that_was_read_is_written_again() -> None:
    section = Section(WHOLE)
    read = Outer.read(section)

    assert section.faults == []
    assert read.start == date(2026, 12, 31)
    assert read.to_document() == WHOLE


def test_a_missing_key_has_its_default() -> None:
    section = Section({"name": "it"})

    assert Outer.read(section) == Outer(name="it")
    assert Outer(name="it").to_document() == {
        "name": "it",
        "count": 2,
        "color": "red",
        "centre": "mean",
        "tags": [],
        "inner": {"size": 0.5},
    }


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"count": None}, "/count wrong_type"),
        ({"name": 1}, "/name wrong_type"),
        ({"name": "IT"}, "/name bad_name"),
        ({"name": "a" * 2001}, "/name too_long"),
        ({"count": 0}, "/count out_of_range"),
        ({"count": True}, "/count out_of_range"),
        ({"color": "green"}, "/color unknown_value"),
        ({"centre": 1}, "/centre out_of_range"),
        ({"centre": "median"}, "/centre unknown_value"),
        ({"tags": "a"}, "/tags wrong_type"),
        ({"tags": ["a", "a"]}, "/tags bad_list"),
        ({"from": "soon"}, "/from wrong_type"),
        ({"seen": 1}, "/seen wrong_type"),
        ({"inner": 1}, "/inner wrong_type"),
        ({"inner": {"size": 2}}, "/inner/size out_of_range"),
        ({"more": [{}, {}, {}]}, "/more too_many"),
        ({"more": [{"sizes": 1}]}, "/more/0/sizes unknown_key"),
    ],
)
def test_a_fault_names_its_key_and_code(change: dict[str, Any], fault: str) -> None:
    assert faults_of({**WHOLE, **change}) == [fault]


def test_faults_come_in_the_order_of_reading_and_ranges_last_where_asked() -> None:
    document = {"name": "it", "centre": 2, "color": 1, "count": 0, "cuont": 1}

    assert faults_of(document) == [
        "/count out_of_range",
        "/color wrong_type",
        "/centre out_of_range",
        "/cuont unknown_key",
    ]
    assert faults_of(document, ranges_last=True) == [
        "/count out_of_range",
        "/color wrong_type",
        "/cuont unknown_key",
        "/centre out_of_range",
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 10}, "count must be at most 9"),
        ({"color": "green"}, "color must be one of red, blue"),
        ({"centre": 1.0}, "centre must be mean or a number in (0, 1)"),
    ],
)
def test_a_value_out_of_range_cannot_be_constructed(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        Outer(name="it", **values)

    assert str(caught.value) == message


def test_the_schema_has_descriptions_bounds_and_defaults() -> None:
    schema = Outer.schema()

    assert schema["required"] == ["name"]
    assert schema["properties"]["inner"]["properties"]["size"] == {
        "description": "Size.",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": 0.5,
    }
    assert schema["properties"]["from"] == {"description": "First day.", "type": "string", "format": "date"}
