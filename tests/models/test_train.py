import pandas as pd
import pytest

from dog.errors import NotReady
from dog.models.train import TrainedModel, train

AS_OF = pd.Timestamp("2027-01-01", tz="UTC")


@pytest.fixture(scope="module")
def catalogue(year: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List contacts and products: one of the sold ones is missing from each, one never sold is in each."""
    contacts = pd.DataFrame({"contact_id": ["new", *sorted(set(year["contact_id"]) - {"c7"})]})
    products = pd.DataFrame({"product_id": ["new", *sorted(set(year["product_id"]) - {"p3"})]})
    return contacts, products


@pytest.fixture(scope="module")
def trained(year: pd.DataFrame, catalogue: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, TrainedModel]:
    """Train once for all tests of this file."""
    return {model.name: model for model in train(year, *catalogue, AS_OF, 1)}


def test_three_models_come_with_their_direction(trained: dict[str, TrainedModel]) -> None:
    directions = {name: model.direction for name, model in trained.items()}

    assert directions == {
        "churn": "lower_is_better",
        "frequency": "higher_is_better",
        "cf": "higher_is_better",
    }


def test_only_contacts_and_products_of_the_catalogue_are_scored(trained: dict[str, TrainedModel]) -> None:
    assert len(trained["churn"].scores) == 239
    assert len(trained["cf"].scores) == len(trained["frequency"].scores) == 239 * 11
    for model in trained.values():
        assert not {"c7", "new"} & set(model.scores["contact_id"])
        assert not {"p3", "new"} & set(model.scores["product_id"])


def test_quality_and_baseline_are_measured(trained: dict[str, TrainedModel]) -> None:
    for model in trained.values():
        assert model.quality
        assert model.baseline


def test_a_feed_that_lags_does_not_look_like_silence(year: pd.DataFrame, trained: dict[str, TrainedModel]) -> None:
    assert trained["churn"].as_of == year["occurred_at"].max() + pd.Timedelta(seconds=1)


def test_the_same_seed_trains_the_same_models(
    year: pd.DataFrame, catalogue: tuple[pd.DataFrame, pd.DataFrame], trained: dict[str, TrainedModel]
) -> None:
    for model in train(year, *catalogue, AS_OF, 1):
        pd.testing.assert_frame_equal(trained[model.name].scores, model.scores, check_exact=True)
        assert trained[model.name].quality == model.quality


def test_nothing_from_as_of_on_is_used(year: pd.DataFrame, catalogue: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    as_of = pd.Timestamp("2026-08-01", tz="UTC")
    past = year.loc[year["occurred_at"] < as_of]

    for expected, model in zip(train(past, *catalogue, as_of), train(year, *catalogue, as_of), strict=True):
        pd.testing.assert_frame_equal(expected.scores, model.scores, check_exact=True)


def test_progress_goes_from_0_to_1_and_names_a_model_with_too_little_to_learn_from(
    year: pd.DataFrame, catalogue: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    told: list[tuple[float, str]] = []
    short = train(year, *catalogue, pd.Timestamp("2026-02-15", tz="UTC"), progress=lambda *said: told.append(said))

    assert [model.name for model in short] == ["frequency", "cf"]
    assert any(text.startswith("left out: churn") for _, text in told)
    assert told == sorted(told, key=lambda said: said[0])
    assert (told[0][0], told[-1]) == (0.0, (1.0, "done"))
    # 45 days are less than the eight weeks to hold out
    assert all(model.quality == {} for model in short)


def test_no_transactions_are_refused(year: pd.DataFrame) -> None:
    with pytest.raises(NotReady, match="no transactions to learn from"):
        train(year.iloc[:0], pd.DataFrame({"contact_id": []}), pd.DataFrame({"product_id": []}), AS_OF)
