"""Map the tables of the source to the service's four files: products, contacts, transactions and feedback.

A contact is a household, a product is a product category.
"""

from dataclasses import dataclass

import pandas as pd

from dog.offline.sample.campaigns import Selection, find_pitches, map_feedback, product_ids
from dog.offline.sample.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The four files, by their names; times are UTC, those of `feedback` RFC 3339 text."""

    products: pd.DataFrame
    contacts: pd.DataFrame
    transactions: pd.DataFrame
    feedback: pd.DataFrame


def map_sample(source: Source, selection: Selection, until: pd.Timestamp | None) -> Sample:
    """Map the source to the files of the service.

    Products are the categories pitched by the selected campaigns, transactions the sales of those; contacts are all
    households. With `until` all times move by one whole number of weeks, so that the last sale lies in the last ISO
    week (UTC) that is over by then; None keeps the dates.
    """
    categories = source.products.dropna(subset=["product_category"])
    sales = source.transactions.merge(categories[["product_id", "product_category"]], on="product_id")
    sales["transaction_timestamp"] = sales["transaction_timestamp"].dt.tz_localize("UTC")
    pitches = find_pitches(source, sales, selection)
    sales_end = sales["transaction_timestamp"].max()
    sales = sales[sales["product_category"].isin(pitches["product_category"].unique())]
    shift = pd.Timedelta(0) if until is None else weeks_forward(sales_end, until)
    transactions = map_transactions(sales, shift)
    return Sample(
        products=map_products(categories, transactions),
        contacts=map_contacts(source),
        transactions=transactions,
        feedback=map_feedback(pitches, category_numbers(categories), sales_end, shift),
    )


def weeks_forward(last: pd.Timestamp, until: pd.Timestamp) -> pd.Timedelta:
    """Return by how many whole weeks `last` moves to lie in the last ISO week (UTC) that is over at `until`.

    Examples
    --------
    >>> last, until = pd.Timestamp("2018-01-01 04:01", tz="UTC"), pd.Timestamp("2026-11-21 09:00", tz="UTC")
    >>> last + weeks_forward(last, until)
    Timestamp('2026-11-09 04:01:00+0000', tz='UTC')

    """
    return _monday(until) - pd.Timedelta(weeks=1) - _monday(last)


def _monday(instant: pd.Timestamp) -> pd.Timestamp:
    day = instant.tz_convert("UTC").normalize()
    return day - pd.Timedelta(days=day.weekday())


def map_products(categories: pd.DataFrame, transactions: pd.DataFrame) -> pd.DataFrame:
    """Return a product for each category sold in `transactions`; its value is the median amount of a purchase."""
    # a category belongs to the department that lists most of its products
    department = categories.groupby("product_category")["department"].agg(lambda names: names.mode().iloc[0])
    products = pd.DataFrame(
        {
            "product_id": product_ids(department.index.to_series()),
            "name": department.index.str.capitalize(),
            "category": department.str.capitalize(),
            "active_from": pd.NaT,
            "active_to": pd.NaT,
        }
    )
    value = transactions.groupby("product_id")["amount"].median().round(2).rename("value").reset_index()
    columns = ["product_id", "name", "category", "value", "active_from", "active_to"]
    return products.merge(value, on="product_id").sort_values("product_id", ignore_index=True)[columns]


def map_contacts(source: Source) -> pd.DataFrame:
    """Return a contact for each household that ever bought; segment is its income band, empty where not known.

    `channels` stays empty, so the policy's default applies: the source does not say how a household was reached.
    """
    households = source.transactions[["household_id"]].drop_duplicates().sort_values("household_id")
    known = households.merge(source.demographics, on="household_id", how="left")
    ids = known.pop("household_id").astype("str")
    own = pd.DataFrame(
        {
            "contact_id": ids,
            "account_id": ids,
            "name": "Household " + ids,
            "segment": known["income"],
            "channels": pd.Series(index=ids.index, dtype="str"),
        }
    )
    return own.join(known)


def map_transactions(sales: pd.DataFrame, shift: pd.Timedelta) -> pd.DataFrame:
    """Sum sales to one row per contact, product and basket time, moved by `shift`."""
    keys = ["household_id", "product_category", "transaction_timestamp"]
    rows = sales.groupby(keys, as_index=False, sort=True)[["quantity", "sales_value"]].sum()
    return pd.DataFrame(
        {
            "contact_id": rows["household_id"].astype("str"),
            "product_id": product_ids(rows["product_category"]),
            "occurred_at": (rows["transaction_timestamp"] + shift).dt.as_unit("s"),
            "quantity": rows["quantity"].astype("float64"),
            "amount": rows["sales_value"].round(2),
        }
    ).sort_values(["occurred_at", "contact_id", "product_id"], ignore_index=True)


def category_numbers(categories: pd.DataFrame) -> pd.Series:
    """Return a number for every category of the source, by name, whatever is selected."""
    names = sorted(categories["product_category"].unique())
    return pd.Series(range(len(names)), index=names)
