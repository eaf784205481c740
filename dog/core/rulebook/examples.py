"""An analyst's examples: tests of the rules, each with what happened before, as limits and `days_since` see it."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Self

import numpy as np

from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import MAX_LIST, MAX_NUMBER, DayField, FlagField, NumberField, TextField
from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable, TableField, TablesField, fields_of, object_schema
from dog.core.rulebook.column_schema import EVENTS, OPTION_COLUMNS, ROOTS
from dog.core.rulebook.effect_context import EventCounts, EventWindow

MAX_HISTORY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent(DocumentTable):
    """An earlier event of an example's contact."""

    type: Annotated[str, ChoiceField("Type of the event.", EVENTS)]
    days_ago: Annotated[
        float, NumberField("Days before the example.", at_least=0, missing="how many days before the example")
    ]
    product: Annotated[str | None, TextField("Product id; without it, the example's own product.")] = None
    category: Annotated[str | None, TextField("Category; without it, that of the example's own product.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(DocumentTable):
    """What the rules should say of an example's option; `None` where it is not asked."""

    eligible: Annotated[bool | None, FlagField("Whether no rule excludes the option.")] = None
    factor: Annotated[float | None, NumberField("Product of the rules' factors.", above=0)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(DocumentTable):
    """One option, and what the rules should say of it.

    In a document, `columns` are keys of their own: a table for each root (`product`), a number for each option column.
    """

    name: Annotated[str, TextField("What the example shows.")]
    columns: Mapping[str, Any] = field(default_factory=dict)
    history: Annotated[
        tuple[PastEvent, ...],
        TablesField("Earlier events of the contact, in any order.", PastEvent, at_most=MAX_HISTORY),
    ] = ()
    on: Annotated[date | None, DayField("Day of the example; without it, the day of the check.")] = None
    expect: Annotated[Expectation, TableField("What the rules should say.", Expectation)]

    @classmethod
    def read(cls, section: Section) -> Self:
        """Read an example, which must expect something."""
        own, expected = fields_of(cls), fields_of(Expectation)
        name, on = own["name"].read(section, "name", MISSING), own["on"].read(section, "on", None)
        expect = section.section("expect")
        columns = _read_columns(section)
        factor = expected["factor"].read(expect, "factor", None)
        history = own["history"].read(section, "history", ())
        eligible = expected["eligible"].read(expect, "eligible", None)
        if eligible is None and factor is None:
            section.fault("expect", "missing", "must say `eligible` or `factor`")
        expect.close()
        section.close()
        expectation = Expectation(eligible=eligible, factor=factor)
        return cls(name=name, columns=columns, history=history, on=on, expect=expectation)

    def to_document(self) -> dict[str, Any]:
        """Return the example as JSON has it."""
        columns: dict[str, Any] = {}
        for name, value in self.columns.items():
            root, dot, leaf = name.partition(".")
            if dot:
                columns.setdefault(root, {})[leaf] = value
            else:
                columns[name] = value
        return {"name": self.name, **columns, **DocumentTable.to_document(self)}

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of an example, whose attributes may have any names."""
        properties: dict[str, Any] = {name: field.schema() for name, field in fields_of(cls).items()}
        values = {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}
        attributes = {"description": "Attribute to value.", "type": "object", "maxProperties": MAX_LIST}
        attributes |= {"additionalProperties": values}
        properties |= dict.fromkeys(ROOTS, attributes) | {name: {"type": "number"} for name in OPTION_COLUMNS}
        properties["expect"] |= {"minProperties": 1}
        return object_schema(properties, ["name", "expect"])


def _read_columns(section: Section) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for root in ROOTS:
        inner = section.section(root)
        if len(inner.table) > MAX_LIST:
            section.fault(root, "too_many", f"has {len(inner.table):,} keys; {MAX_LIST:,} are the most")
            continue
        columns |= {f"{root}.{leaf}": _read_attribute(inner, str(leaf)) for leaf in inner.table}
    given = [name for name in OPTION_COLUMNS if section.given(name) is not None]
    return columns | {name: NumberField().read(section, name, 0.0) for name in given}


def _read_attribute(section: Section, key: str) -> Any:
    """Read a value as an attribute would hold it; dates as text, as JSON has them."""
    value = section.given(key)
    if isinstance(value, date | datetime):
        return value.isoformat()
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, str) or texts or (isinstance(value, int | float) and abs(value) <= MAX_NUMBER):
        return value
    section.fault(key, "wrong_type", "must be text, a finite number, true, false, a date or a list of texts")
    return None


def count_past(windows: Iterable[EventWindow], example: Example) -> EventCounts:
    """Count an example's past events in each window of a rulebook, as serving counts those of a contact.

    Each count has shape (1,). Windows by `product` are over all contacts and count 0: an example has only its own.
    """
    return {
        window: np.array([sum(_counts(window, event, example) for event in example.history)], np.int64)
        for window in windows
    }


def days_since(example: Example) -> Mapping[str, Any]:
    """Return the days since the last event of each type of the example's pair, by full column name."""
    last: dict[str, float] = {}
    for event in example.history:
        if _product(event, example) is not None and _product(event, example) == example.columns.get("product.id"):
            name = f"days_since.{event.type}"
            last[name] = min(last.get(name, event.days_ago), event.days_ago)
    return last


def _counts(window: EventWindow, event: PastEvent, example: Example) -> bool:
    if event.type != window.event or event.days_ago >= window.days or window.by == "product":
        return False
    if window.by == "pair":
        return _product(event, example) == example.columns.get("product.id")
    return window.by == "contact" or _category(event, example) == example.columns.get("product.category")


def _product(event: PastEvent, example: Example) -> Any:
    return example.columns.get("product.id") if event.product is None else event.product


def _category(event: PastEvent, example: Example) -> Any:
    """Return the given category; the option's own product has the category of the option."""
    same = _product(event, example) == example.columns.get("product.id")
    return example.columns.get("product.category") if event.category is None and same else event.category
