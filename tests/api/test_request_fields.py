import pytest
from marshmallow import ValidationError

from dog.api.request_fields import AttributesField, InstantField


def test_an_instant_is_milliseconds_since_1970() -> None:
    assert InstantField().deserialize("1970-01-01T00:00:01.5Z") == 1500


@pytest.mark.parametrize("text", ["2026-11-20", "2026-11-20T10:00:00", "soon", 7, True, None])
def test_what_is_no_instant_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        InstantField().deserialize(text)


def test_attributes_are_read_as_a_row_of_contacts() -> None:
    read = AttributesField().deserialize({"contact_id": "c1", "segment": "gold", "channels": "call; email", "note": ""})

    assert read == {"segment": "gold", "channels": ["call", "email"]}


@pytest.mark.parametrize("given", [{"a": {"b": 1}}, {"channels": 3}, {"a": [1, 2]}, "gold", [1]])
def test_what_is_no_attribute_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        AttributesField().deserialize(given)
