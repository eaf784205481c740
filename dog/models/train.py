"""Train the three reference models: measure each on the last weeks, then fit it to all transactions."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from dog.errors import NotReady
from dog.models.churn import fit_churn
from dog.models.collaborative import fit_collaborative
from dog.models.frequency import fit_frequency
from dog.models.importance import Importance, churn_importance, collaborative_importance, frequency_importance
from dog.models.quality import Figures, measure_churn, measure_collaborative, measure_frequency

HELD_OUT_DAYS = 56
"""Days at the end of the data on which the models are judged: eight weeks."""

Direction = Literal["higher_is_better", "lower_is_better"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceModel:
    """A reference model: how it is fitted, measured and explained, from transactions, a cut-off and a seed.

    `fit` returns the scores fitted to the transactions before the cut-off; `measure` returns quality and baseline of
    such a fit in the weeks after the cut-off, `importance` the importance of its features there.
    """

    direction: Direction
    fit: Callable[[pd.DataFrame, pd.Timestamp, int], pd.DataFrame]
    measure: Callable[[pd.DataFrame, pd.Timestamp, int], tuple[Figures, Figures]]
    importance: Callable[[pd.DataFrame, pd.Timestamp, int], Importance]


REFERENCE_MODELS: Mapping[str, ReferenceModel] = {
    "churn": ReferenceModel(
        direction="lower_is_better",
        fit=lambda rows, cutoff, seed: fit_churn(rows, cutoff, seed=seed).score(),
        measure=measure_churn,
        importance=churn_importance,
    ),
    "frequency": ReferenceModel(
        direction="higher_is_better",
        fit=lambda rows, cutoff, _seed: fit_frequency(rows, cutoff).score(),
        measure=lambda rows, cutoff, _seed: measure_frequency(rows, cutoff),
        importance=frequency_importance,
    ),
    "cf": ReferenceModel(
        direction="higher_is_better",
        fit=lambda rows, cutoff, seed: fit_collaborative(rows, cutoff, seed=seed).score(),
        measure=lambda rows, cutoff, seed: measure_collaborative(rows, cutoff, HELD_OUT_DAYS, seed),
        importance=collaborative_importance,
    ),
}
"""By the name that policies use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A model's scores and its quality.

    `name` is as in policies, `as_of` the first instant after the training data. `scores` has the columns contact_id,
    product_id (empty for a contact's own score) and score; `score_count` is their number, also where `scores` are no
    longer held. `quality` and `baseline` are figures of the same model fitted without the last eight weeks, and of
    naive predictions, measured on those weeks; empty where there are too few data to hold any out. `refused` says why
    its scores were not taken (the model in use is better), '' where they were.
    """

    name: str
    direction: Direction
    as_of: pd.Timestamp
    scores: pd.DataFrame = field(repr=False)
    score_count: int
    quality: Figures
    baseline: Figures
    refused: str = ""


def train(
    transactions: pd.DataFrame,
    contacts: pd.DataFrame,
    products: pd.DataFrame,
    as_of: pd.Timestamp,
    seed: int = 0,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
    names: Collection[str] = tuple(REFERENCE_MODELS),
) -> list[TrainedModel]:
    """Fit churn, frequency and collaborative filtering, or some of them, by `names`.

    `transactions` are as in `purchases_before`. `contacts` and `products` are what to score, columns contact_id and
    product_id; those that never bought or were bought get no scores. Nothing from `as_of` on is used; if the last
    transaction is older, its time is taken instead: a delayed feed must not look like contacts that stay away.
    `progress` gets the share done, in [0, 1], and the next step. The same seed and data give the same result.

    Returns the models that could be fitted, each with scores fitted to all transactions before `as_of`, and with the
    quality of the same model fitted to those before the last eight weeks. Raises `NotReady` where there are no
    transactions before `as_of`.
    """
    transactions = transactions.loc[transactions["occurred_at"] < as_of]
    if transactions.empty:
        raise NotReady("there are no transactions to learn from; run: dog load transactions FILE")
    as_of = min(as_of, transactions["occurred_at"].max() + pd.Timedelta(seconds=1))
    held_out = as_of - pd.Timedelta(days=HELD_OUT_DAYS)
    trained = []
    chosen = {name: model for name, model in REFERENCE_MODELS.items() if name in names}
    for done, (name, model) in enumerate(chosen.items()):
        try:
            progress(done / len(chosen), f"judging {name}")
            quality, baseline = _measure(model, transactions, held_out, seed)
            progress((done + 0.5) / len(chosen), f"fitting {name}")
            scores = _select(model.fit(transactions, as_of, seed), contacts, products)
        except NotReady as error:
            progress((done + 1) / len(chosen), f"left out: {error.message}")
            continue
        trained.append(
            TrainedModel(
                name=name,
                direction=model.direction,
                as_of=as_of,
                scores=scores,
                score_count=len(scores),
                quality=quality,
                baseline=baseline,
            )
        )
    progress(1.0, "done")
    return trained


def _measure(
    model: ReferenceModel, transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int
) -> tuple[Figures, Figures]:
    # there may be too few data to hold any out, yet enough to fit
    try:
        return model.measure(transactions, cutoff, seed)
    except NotReady:
        return {}, {}


def _select(scores: pd.DataFrame, contacts: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    product_known = (scores["product_id"] == "") | scores["product_id"].isin(products["product_id"])
    return scores.loc[product_known & scores["contact_id"].isin(contacts["contact_id"])].reset_index(drop=True)
