"""Classes that are tables of a document: one declaration of fields reads, checks, writes and describes them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self, get_type_hints

from dog.core.documents.fields import DocumentField
from dog.core.documents.section import Section


class DocumentTable:
    """Base of frozen dataclasses whose attributes are declared as `Annotated[type, field]`.

    Raises
    ------
    ValueError
        On construction, where a value is out of its field's range.

    Examples
    --------
    >>> from typing import Annotated
    >>> from dog.core.documents.fields import NumberField
    >>> @dataclass(frozen=True)
    ... class Model(DocumentTable):
    ...     weight: Annotated[float, NumberField("Share of the model.", at_least=0)] = 1.0
    >>> Model(-1.0)
    Traceback (most recent call last):
    ...
    ValueError: weight must be at least 0
    >>> section = Section({"weight": "2", "wieght": 2}, "/models/cf")
    >>> Model.read(section)
    Model(weight=1.0)
    >>> print(*section.faults, sep="; ")
    /models/cf/weight: must be a number; /models/cf/wieght: unknown key; did you mean weight?

    """

    __slots__ = ()
    read_first: ClassVar[tuple[str, ...]] = ()
    """Attributes whose faults are reported before those of the others; tables come last."""

    def __post_init__(self) -> None:
        for name, declared in fields_of(type(self)).items():
            value = getattr(self, name)
            refusal = None if value is None else declared.refusal(value)
            if refusal is not None:
                raise ValueError(f"{name} {refusal}")

    @classmethod
    def read(cls, section: Section) -> Self:
        """Read a table whole: faults are noted in the section, and refused values replaced by the default."""
        values = cls.read_values(section)
        section.close()
        if section.ranges_last:
            values = _within_range(cls, section, values)
        table = cls(**values)
        for name, message in table.contradictions():
            section.fault(fields_of(cls)[name].key or name, "contradicts", message)
        return table

    @classmethod
    def read_values(cls, section: Section) -> dict[str, Any]:
        """Read the fields alone, for a caller that reads other keys or notes other faults before `section.close`."""
        declared, defaults = fields_of(cls), defaults_of(cls)
        tables_last = sorted(declared, key=lambda name: isinstance(declared[name], TableField))
        return {
            name: declared[name].read(section, declared[name].key or name, defaults[name])
            for name in dict.fromkeys([*cls.read_first, *tables_last])
        }

    def contradictions(self) -> Iterable[tuple[str, str]]:
        """Return each attribute that others rule out, and why."""
        return ()

    def to_document(self) -> Any:
        """Return the table as JSON has it; what is `None` is left out."""
        written = {it.key or name: it.write(getattr(self, name)) for name, it in fields_of(type(self)).items()}
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the table."""
        defaults = defaults_of(cls)
        properties = {it.key or name: it.schema(defaults[name]) for name, it in fields_of(cls).items()}
        required = [it.key or name for name, it in fields_of(cls).items() if defaults[name] is MISSING]
        return object_schema(properties, required)


def object_schema(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a table with these keys and no others."""
    needs = {"required": required} if required else {}
    return {"type": "object", "properties": dict(properties), **needs, "additionalProperties": False}


def _fields_of(cls: type) -> Mapping[str, DocumentField]:
    """Return the declared fields of a `DocumentTable`, by attribute, in their order."""
    hints = get_type_hints(cls, include_extras=True)
    return {it.name: hints[it.name].__metadata__[0] for it in fields(cls) if hasattr(hints[it.name], "__metadata__")}


fields_of: Callable[[type], Mapping[str, DocumentField]] = cache(_fields_of)


def defaults_of(cls: type) -> dict[str, Any]:
    """Return the default of each field, `MISSING` for those that are required."""
    return {
        it.name: it.default if it.default_factory is MISSING else it.default_factory()
        for it in fields(cls)
        if it.name in fields_of(cls)
    }


def _within_range(cls: type[DocumentTable], section: Section, values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the values that the class refuses, each with a fault at its own key."""
    declared = fields_of(cls)
    refusals = {name: None if value is None else declared[name].refusal(value) for name, value in values.items()}
    for name, refusal in refusals.items():
        if refusal is not None:
            section.fault(declared[name].key or name, "out_of_range", f"{name} {refusal}")
    return {name: value for name, value in values.items() if refusals[name] is None}


@dataclass(frozen=True, slots=True)
class TableField(DocumentField):
    """An inner table."""

    table: type[DocumentTable] = DocumentTable

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it, also where it is missing."""
        return self.table.read(section.section(key))

    def write(self, value: DocumentTable) -> Any:
        """Return it as a document has it."""
        return value.to_document()

    def schema(self, _default: Any = MISSING) -> dict[str, Any]:
        """Return the JSON Schema; its fields have their own defaults."""
        return {"description": self.description, **self.table.schema()}


@dataclass(frozen=True, slots=True)
class TablesField(DocumentField):
    """A list of tables."""

    table: type[DocumentTable] = DocumentTable
    at_most: int = field(kw_only=True)

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it as a tuple, empty where it is missing."""
        return tuple(self.table.read(inner) for inner in section.sections(key, self.at_most))

    def write(self, value: tuple[DocumentTable, ...]) -> Any:
        """Return a list; an empty one is left out."""
        return [table.to_document() for table in value] or None

    def _shape(self) -> dict[str, Any]:
        return {"type": "array", "maxItems": self.at_most, "items": self.table.schema()}
