"""Estimates with their intervals as text."""

import numpy as np

from dog.offline.statistics.intervals import Estimate


def format_estimate(estimate: Estimate, digits: int = 3) -> str:
    """Format an estimate with its intervals by contacts and by weeks, a dash where it is not known.

    Examples
    --------
    >>> format_estimate(Estimate(0.71, 0.7, 0.72)), format_estimate(Estimate(0.5))
    ('0.710 [0.700, 0.720]', '0.500')
    >>> format_estimate(Estimate(0.71, 0.7, 0.72, week_low=0.69, week_high=0.73))
    '0.710 [0.700, 0.720; weeks 0.690, 0.730]'

    """
    if np.isnan(estimate.value):
        return "-"
    return _with_intervals(estimate, f".{digits}f")


def format_change(estimate: Estimate, digits: int = 3) -> str:
    """Format a difference as `format_estimate`, with signs.

    Examples
    --------
    >>> format_change(Estimate(0.01, -0.005, 0.02, week_low=-0.03, week_high=0.04))
    '+0.010 [-0.005, +0.020; weeks -0.030, +0.040]'

    """
    return "-" if np.isnan(estimate.value) else _with_intervals(estimate, f"+.{digits}f")


def _with_intervals(estimate: Estimate, form: str) -> str:
    parts = []
    if not np.isnan(estimate.low):
        parts.append(f"{estimate.low:{form}}, {estimate.high:{form}}")
    if not np.isnan(estimate.week_low):
        parts.append(f"weeks {estimate.week_low:{form}}, {estimate.week_high:{form}}")
    return f"{estimate.value:{form}}" + (f" [{'; '.join(parts)}]" if parts else "")
