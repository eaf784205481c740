"""Schema and fields of request bodies: what marshmallow's own accept too much of, or take too long to refuse."""

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from dog.core.documents.section import MAX_FAULTS
from dog.errors import InvalidInput
from dog.services.data.row_values import parse_contact_attributes
from dog.services.feedback.parse_event import parse_instant
from dog.storage.ids import clean_id


class RequestSchema(Schema):
    """A schema that refuses what is too large before it reads it, and many unknown names by the first of them."""

    @pre_load
    def _refuse_large(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = self.fields
        if len(data) > len(known) + MAX_FAULTS:
            unknown = (name for name in data if name not in known)
            raise ValidationError({name: ["Unknown field."] for name in islice(unknown, MAX_FAULTS)})
        for name, field in known.items():
            if isinstance(value := data.get(name), list | dict) and not isinstance(field, fields.String):
                _check_longest(name, field, value)
        return data


def _check_longest(name: str, field: fields.Field[Any], value: list[Any] | dict[Any, Any]) -> None:
    for validator in field.validators:
        if isinstance(validator, validate.Length) and validator.max is not None and len(value) > validator.max:
            try:
                validator(value)
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from None


class IdentifierField(fields.String):
    """An opaque id: 1 to 256 bytes of UTF-8, no control characters, NFC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        try:
            return clean_id(value, attr or "id")
        except InvalidInput as error:
            raise ValidationError(error.message.removeprefix(f"{attr} ")) from None


class FiniteNumberField(fields.Float):
    """A finite JSON number; no string, no boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValidationError("must be a finite number")
        return float(value)


class IntegerField(fields.Integer):
    """A JSON integer."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("must be a whole number")
        return value


class BooleanField(fields.Boolean):
    """A JSON boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class BooleanOrTextField(fields.Raw):
    """True, false, or a string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool | str:  # noqa: ARG002
        if not isinstance(value, bool | str):
            raise ValidationError("must be true, false or text")
        return value


class InstantField(fields.Raw):
    """An RFC 3339 time, as milliseconds since 1970."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        try:
            return parse_instant(value, attr or "occurred_at", None)
        except InvalidInput as error:
            raise ValidationError(error.message.removeprefix(f"{attr} ")) from None


class AttributesField(fields.Dict):
    """Attributes of a contact, as a row of a contacts file has them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return parse_contact_attributes(super()._deserialize(value, attr, data, **kwargs))
        except InvalidInput as error:
            raise ValidationError(error.message) from None
