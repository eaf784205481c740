"""Tables of texts by free names."""

from dog.core.documents.section import Section
from dog.core.documents.text_maps import TextMapField, TextMapsField


def test_tables_of_texts_are_read_and_written_and_faults_are_at_their_keys() -> None:
    section = Section({"columns": {"A": "a", "B": 1}, "values": {"type": {"Won": "win"}, "x": {"y": []}}})
    columns = TextMapField().read(section, "columns", {})
    values = TextMapsField().read(section, "values", {})

    assert (columns, values) == ({"A": "a"}, {"type": {"Won": "win"}, "x": {}})
    assert [fault.pointer for fault in section.faults] == ["/columns/B", "/values/x/y"]
    assert TextMapField().read(section, "missing", {}) == {}
    assert (TextMapField().write({}), TextMapsField().write(values)) == (None, {"type": {"Won": "win"}, "x": {}})
    assert TextMapsField().schema({})["additionalProperties"] == {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }


def test_a_table_of_too_many_texts_is_refused() -> None:
    section = Section({"columns": {str(n): "a" for n in range(1001)}})

    assert TextMapField().read(section, "columns", {}) == {}
    assert [fault.code for fault in section.faults] == ["too_many"]
