"""Estimates are written with the intervals that are known; what is not known is a dash."""

import numpy as np

from dog.offline.statistics.format_estimates import format_change, format_estimate
from dog.offline.statistics.intervals import Estimate


def test_what_is_not_known_is_a_dash() -> None:
    assert (format_estimate(Estimate(np.nan)), format_change(Estimate(np.nan))) == ("-", "-")


def test_an_interval_over_weeks_alone_is_written_too() -> None:
    assert format_estimate(Estimate(0.5, week_low=0.25, week_high=0.75), 2) == "0.50 [weeks 0.25, 0.75]"
