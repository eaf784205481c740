"""Train the three reference models: judge each on the last weeks, then fit it to all that is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from dog.errors import NotReady
from dog.offline.models.churn import fit_churn
from dog.offline.models.collaborative import fit_collaborative
from dog.offline.models.frequency import fit_frequency
from dog.offline.models.quality import Figures, judge_churn, judge_collaborative, judge_frequency

HELD_OUT_DAYS = 56
"""Days at the end of the data on which the models are judged: eight weeks."""

Name = Literal["churn", "frequency", "cf"]
Direction = Literal["higher_is_better", "lower_is_better"]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model's scores and how far they can be trusted.

    Parameters
    ----------
    name
        As policies call it.
    direction
        Whether a high score speaks for an option.
    as_of
        First instant that the scores know nothing of.
    scores
        Columns contact_id, product_id (empty for a contact's own score) and score.
    quality, baseline
        Figures of the same model fitted without the last eight weeks, and of naive answers, measured on those
        weeks. Both are empty where the data are too few to hold any out.
    refused
        Why its scores were not taken: the model in use is better; '' where they were.

    """

    name: Name
    direction: Direction
    as_of: pd.Timestamp
    scores: pd.DataFrame = field(repr=False)
    quality: Figures
    baseline: Figures
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is judged and fitted."""

    name: Name
    direction: Direction
    judge: Callable[[], tuple[Figures, Figures]]
    fit: Callable[[], pd.DataFrame]


def train(
    transactions: pd.DataFrame,
    contacts: pd.DataFrame,
    products: pd.DataFrame,
    as_of: pd.Timestamp,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[TrainedModel]:
    """Fit churn, frequency and collaborative filtering.

    Parameters
    ----------
    transactions
        Columns contact_id, product_id, occurred_at (with offset), quantity, amount.
    contacts, products
        Whom and what to score, columns contact_id and product_id. Contacts that never bought, and products
        that were never bought, get no scores.
    as_of
        Nothing from this instant on is used. If the last transaction is older, its time is taken instead: a
        feed that lags must not look like contacts that stay away.
    seed
        The same seed and data give the same answer.
    progress
        Is told the share done, in [0, 1], and what comes next.

    Returns
    -------
    The models that could be fitted, each with scores fitted to all transactions before `as_of`, and with the
    quality of the same model fitted to those before the last eight weeks.

    Raises
    ------
    NotReady
        There are no transactions before `as_of`.

    """
    tell = progress or _silent
    transactions = transactions.loc[transactions["occurred_at"] < as_of]
    if transactions.empty:
        raise NotReady("there are no transactions to learn from; run: python -m dog load transactions FILE")
    as_of = min(as_of, transactions["occurred_at"].max() + pd.Timedelta(seconds=1))
    recipes = _recipes(transactions, as_of, seed)
    trained = []
    for done, recipe in enumerate(recipes):
        try:
            tell(done / len(recipes), f"judging {recipe.name}")
            quality, baseline = _judged(recipe)
            tell((done + 0.5) / len(recipes), f"fitting {recipe.name}")
            scores = _wanted(recipe.fit(), contacts, products)
        except NotReady as error:
            tell((done + 1) / len(recipes), f"left out: {error.message}")
        else:
            trained.append(TrainedModel(recipe.name, recipe.direction, as_of, scores, quality, baseline))
    tell(1.0, "done")
    return trained


def _recipes(transactions: pd.DataFrame, as_of: pd.Timestamp, seed: int) -> tuple[Recipe, ...]:
    held_out = as_of - pd.Timedelta(days=HELD_OUT_DAYS)
    return (
        Recipe(
            "churn",
            "lower_is_better",
            judge=lambda: judge_churn(transactions, held_out, seed),
            fit=lambda: fit_churn(transactions, as_of, seed=seed).score(),
        ),
        Recipe(
            "frequency",
            "higher_is_better",
            judge=lambda: judge_frequency(transactions, held_out),
            fit=lambda: fit_frequency(transactions, as_of).score(),
        ),
        Recipe(
            "cf",
            "higher_is_better",
            judge=lambda: judge_collaborative(transactions, held_out, HELD_OUT_DAYS, seed),
            fit=lambda: fit_collaborative(transactions, as_of, seed=seed).score(),
        ),
    )


def _judged(recipe: Recipe) -> tuple[Figures, Figures]:
    # too little to hold out, perhaps enough to fit
    try:
        return recipe.judge()
    except NotReady:
        return {}, {}


def _wanted(scores: pd.DataFrame, contacts: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    product_known = (scores["product_id"] == "") | scores["product_id"].isin(products["product_id"])
    return scores.loc[product_known & scores["contact_id"].isin(contacts["contact_id"])].reset_index(drop=True)


def _silent(_share: float, _next: str) -> None:
    pass
