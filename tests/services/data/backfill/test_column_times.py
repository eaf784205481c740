"""Times of a column are read as one by one, or left to be read so."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dog.errors import InvalidInput
from dog.services.data.backfill.column_times import UNREAD, column_instants
from dog.services.feedback.parse_event import parse_instant

PARTS = st.tuples(
    st.sampled_from(["1969", "1970", "2024", "2026", "20a6", "9999"]),
    st.sampled_from(["01", "02", "04", "12", "13", "00"]),
    st.sampled_from(["01", "28", "29", "30", "31", "32", "00"]),
    st.sampled_from(["T", "t", " ", "_"]),
    st.sampled_from(["00:00:00", "23:59:59", "24:00:00", "10:60:00", "10:00:60", "1:000:00"]),
    st.sampled_from(["Z", "z", "+00:00", "-05:30", "+23:59", "+24:00", "", ".250Z", "Y", "+0100"]),
)


EARLIEST, LATEST = datetime.fromisoformat("1960-01-01"), datetime.fromisoformat("2100-07-01")


def read(text: str) -> int | None:
    try:
        return parse_instant(text, "occurred_at", UTC)
    except InvalidInput:
        return None


@given(st.lists(PARTS, min_size=1, max_size=20))
def test_a_text_is_read_as_the_parser_reads_it_or_left(parts: list[tuple[str, ...]]) -> None:
    texts = ["{}-{}-{}{}{}{}".format(*one) for one in parts]

    found = column_instants(pa.array([*texts, None], pa.string()), UTC)

    for text, at_ms in zip([*texts, None], found.tolist(), strict=True):
        assert at_ms == UNREAD or (text is not None and at_ms == read(text))


def test_the_usual_forms_are_read() -> None:
    texts = pa.array(["2026-11-20T10:00:00Z", "2026-11-20T11:00:00+01:00"]).slice(0, 2)

    assert column_instants(texts, UTC).tolist() == [1_795_168_800_000, 1_795_168_800_000]


@given(st.lists(st.datetimes(EARLIEST, LATEST), min_size=1, max_size=20))
def test_times_with_a_zone_are_read_as_their_texts(times: list[datetime]) -> None:
    aware = [time.replace(tzinfo=UTC) for time in times]

    found = column_instants(pa.array(aware, pa.timestamp("us", "UTC")), UTC)

    assert found.tolist() == [UNREAD if (at := read(time.isoformat())) is None else at for time in aware]


def test_times_without_a_zone_are_left_where_it_may_be_summer() -> None:
    times = pa.array([LATEST], pa.timestamp("us"))

    assert column_instants(times, ZoneInfo("Europe/Berlin")).tolist() == [UNREAD]
