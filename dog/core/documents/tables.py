"""Classes that are tables of a document: one declaration of fields reads, checks, writes and describes them."""

from collections.abc import Callable, Mapping
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
    def read(cls, section: Section, defaults: Self | None = None, without: tuple[str, ...] = ()) -> Self:
        """Read a table whole: a key that is not a field is a fault.

        Parameters
        ----------
        section
            The table; faults are noted there, and replaced by the default.
        defaults
            Where a missing value is looked up; without it, the class has them.
        without
            Fields that this table must not have.

        """
        values = cls.read_values(section, defaults, without)
        section.close()
        if section.ranges_last:
            values = _within_range(cls, section, values)
        return cls(**values)

    @classmethod
    def read_values(
        cls, section: Section, defaults: Self | None = None, without: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Read the fields alone, for a caller that reads other keys or notes other faults before `section.close`."""
        declared, standard = fields_of(cls), cls._standard(defaults)
        tables_last = sorted(declared, key=lambda name: isinstance(declared[name], TableField))
        return {
            name: declared[name].read(section, declared[name].key or name, standard[name])
            for name in dict.fromkeys([*cls.read_first, *tables_last])
            if name not in without
        }

    def to_document(self) -> Any:
        """Return the table as JSON has it; what is `None` is left out."""
        written = {it.key or name: it.write(getattr(self, name)) for name, it in fields_of(type(self)).items()}
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def schema(cls, defaults: Self | None = None, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the JSON Schema of the table."""
        standard = cls._standard(defaults)
        declared = {name: it for name, it in fields_of(cls).items() if name not in without}
        properties = {it.key or name: it.schema(standard[name]) for name, it in declared.items()}
        return object_schema(properties, [it.key or name for name, it in declared.items() if standard[name] is MISSING])

    @classmethod
    def _standard(cls, defaults: Self | None) -> dict[str, Any]:
        if defaults is not None:
            return {name: getattr(defaults, name) for name in fields_of(cls)}
        return {
            it.name: it.default if it.default_factory is MISSING else it.default_factory()
            for it in fields(cls)  # type: ignore[arg-type]  # every subclass is a dataclass
            if it.name in fields_of(cls)
        }


def object_schema(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a table with these keys and no others."""
    needs = {"required": required} if required else {}
    return {"type": "object", "properties": dict(properties), **needs, "additionalProperties": False}


def _fields_of(cls: type) -> Mapping[str, DocumentField]:
    """Return the declared fields of a `DocumentTable`, by attribute, in their order."""
    hints = get_type_hints(cls, include_extras=True)
    return {it.name: hints[it.name].__metadata__[0] for it in fields(cls) if hasattr(hints[it.name], "__metadata__")}


fields_of: Callable[[type], Mapping[str, DocumentField]] = cache(_fields_of)


def _within_range(cls: type[DocumentTable], section: Section, values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the values that the class refuses, each with a fault at its own key."""
    declared = fields_of(cls)
    refusals = {name: declared[name].refusal(value) for name, value in values.items()}
    for name, refusal in refusals.items():
        if refusal is not None:
            section.fault(declared[name].key or name, "out_of_range", f"{name} {refusal}")
    return {name: value for name, value in values.items() if refusals[name] is None}


@dataclass(frozen=True, slots=True)
class TableField(DocumentField):
    """An inner table; the value that it has by default holds the defaults of its own fields."""

    table: type[DocumentTable] = DocumentTable
    without: tuple[str, ...] = ()

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it, also where it is missing."""
        return self.table.read(section.section(key), default, self.without)

    def write(self, value: DocumentTable) -> Any:
        """Return it as a document has it."""
        return value.to_document()

    def schema(self, default: Any = MISSING) -> dict[str, Any]:
        """Return the JSON Schema, with the defaults of the table's own fields."""
        about = {"description": self.description} if self.description else {}
        return about | self.table.schema(None if default is MISSING else default, self.without)


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
