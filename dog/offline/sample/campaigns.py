"""The feedback file: what the campaigns of the source pitched, and the outcomes.

A pitch is household x campaign x category at the campaign's start. A win is the first purchase of one of the
campaign's coupon products in that category during the campaign; a loss is a campaign that ended, within the time
covered by sales, without one.
"""

from typing import Literal

import numpy as np
import pandas as pd

from dog.offline.sample.source import Source

Selection = Literal["bc", "all"]

CAMPAIGN_TYPES: dict[Selection, tuple[str, ...]] = {
    "bc": ("Type B", "Type C"),
    # type A: which coupons a household was sent is not recorded; all of them count as pitched
    "all": ("Type A", "Type B", "Type C"),
}
STORE_TIME_ZONE = "America/New_York"
"""Campaign days are days of the stores; 17 % of the sales lie on another day in UTC."""

PAIR = ["household_id", "product_category"]
FEEDBACK_COLUMNS = [
    "event_id", "type", "contact_id", "product_id", "occurred_at", "decision_id", "actor_id", "pitch_id",
    "trigger", "attribute", "attribute_value", "replacement", "value",
]  # fmt: skip


def find_pitches(source: Source, sales: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Return what was pitched to whom in the selected campaigns, and when it was won.

    `sales` are the transactions with their product_category, their times with offset. One row per pitch: campaign_id,
    household_id, product_category, opens, closes (the instant after the campaign's last day), won_at (NaT: not won).
    """
    campaigns = source.campaigns[source.campaigns["campaign_type"].isin(CAMPAIGN_TYPES[selection])]
    listed = source.coupons.drop_duplicates().merge(
        source.products[["product_id", "product_category"]].dropna(), on="product_id"
    )
    # a quantity of 0 is a correction at the till, no purchase
    bought = sales[(sales["quantity"] > 0) & sales["product_id"].isin(listed["product_id"])]
    bought = bought.sort_values("transaction_timestamp", kind="stable")
    found = []
    for campaign in campaigns.sort_values("campaign_id").to_dict("records"):
        opens, closes = _store_midnight(campaign["start_date"]), _store_midnight(campaign["end_date"], days=1)
        coupons = listed[listed["campaign_id"] == campaign["campaign_id"]]
        members = source.members.loc[source.members["campaign_id"] == campaign["campaign_id"], ["household_id"]]
        pitched = members.merge(coupons[["product_category"]].drop_duplicates(), how="cross")
        first, last = bought["transaction_timestamp"].searchsorted([opens, closes])
        inside = bought.iloc[first:last]
        won = inside[inside["product_id"].isin(coupons["product_id"])].drop_duplicates(PAIR)
        won = won[[*PAIR, "transaction_timestamp"]].rename(columns={"transaction_timestamp": "won_at"})
        pitched = pitched.merge(won, on=PAIR, how="left")
        found.append(pitched.assign(campaign_id=campaign["campaign_id"], opens=opens, closes=closes))
    return pd.concat(found, ignore_index=True)


def _store_midnight(day: pd.Timestamp, days: int = 0) -> pd.Timestamp:
    return (day + pd.Timedelta(days=days)).tz_localize(STORE_TIME_ZONE).tz_convert("UTC")


def map_feedback(
    pitches: pd.DataFrame, numbers: pd.Series, sales_end: pd.Timestamp, shift: pd.Timedelta
) -> pd.DataFrame:
    """Return each pitch, win and loss as one event, in time order, with the columns of a feedback file.

    A campaign that ran on beyond `sales_end` is not lost yet: its pitches stay pending. `numbers` are those of the
    product categories (index), `shift` is added to all times. `event_id` is p, w or l, campaign, household and
    category number, as in `w15-2499-302`: the same in every run.
    """
    key = (
        pitches["campaign_id"].astype("str")
        + "-"
        + pitches["household_id"].astype("str")
        + "-"
        + pitches["product_category"].map(numbers).astype("str")
    )
    base = pd.DataFrame(
        {
            "contact_id": pitches["household_id"].astype("str"),
            "product_id": product_ids(pitches["product_category"]),
            "pitch_id": "p" + key,
        }
    )
    won = pitches["won_at"].notna()
    lost = ~won & (pitches["closes"] <= sales_end)
    events = pd.concat(
        [
            base.assign(pitch_id=None, type="pitch", event_id="p" + key, at=pitches["opens"]),
            base.assign(type="win", event_id="w" + key, at=pitches["won_at"])[won],
            base.assign(type="loss", event_id="l" + key, at=pitches["closes"])[lost],
        ]
    ).sort_values("at", kind="stable", ignore_index=True)  # of one instant: pitches first
    moved = (events["at"] + shift).dt.tz_localize(None).to_numpy()
    events["occurred_at"] = np.strings.add(np.datetime_as_string(moved, unit="s"), "Z")
    return events.reindex(columns=FEEDBACK_COLUMNS)


def product_ids(categories: pd.Series) -> pd.Series:
    """Return a readable id of each category's name.

    Examples
    --------
    >>> product_ids(pd.Series(["CHIPS&SNACKS", "FRZN BREAKFAST FOODS"])).tolist()
    ['chips-snacks', 'frzn-breakfast-foods']

    """
    names = categories.drop_duplicates()
    slugs = names.str.lower().str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-")
    return categories.map(dict(zip(names, slugs, strict=True)))
