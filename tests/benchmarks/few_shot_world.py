"""Made-up purchases for the tests of the few-shot benchmark: two kinds of contacts, each with products of its own."""

import numpy as np
import pandas as pd

from benchmarks.few_shot.tasks import Task, make_halves

CONTACTS, PRODUCTS, EVENTS = 240, 40, 16
START = pd.Timestamp("2017-01-01", tz="UTC")


def purchases() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return events and attributes; the kind of a contact is known to its events alone, not to its segment."""
    chance, rows = np.random.default_rng(5), []
    for contact in range(CONTACTS):
        likes = np.where(np.arange(PRODUCTS) % 2 == contact % 2, 4.0, 1.0)
        bought = chance.choice(PRODUCTS, EVENTS, replace=False, p=likes / likes.sum())
        rows += [(f"c{contact:03}", f"p{product:02}", day) for day, product in enumerate(bought.tolist())]
    events = pd.DataFrame(rows, columns=["contact_id", "product_id", "day"])
    events["occurred_at"] = START + pd.to_timedelta(events.pop("day"), unit="D")
    numbers = np.arange(CONTACTS)
    index = pd.Index([f"c{number:03}" for number in numbers])
    return events, pd.DataFrame({"segment": np.where(numbers % 3 == 0, "gold", "iron"), "number": numbers}, index=index)


def halves(cut: pd.Timestamp | None = None) -> list[Task]:
    return make_halves("sample", *purchases(), cut)
