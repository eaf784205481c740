"""Whether a newly fitted model may replace the one in use."""

from collections.abc import Mapping
from dataclasses import dataclass

from dog.offline.models.quality import Figures


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The figure that a model is judged by, that of its naive rival, and how far it may fall behind.

    Parameters
    ----------
    figure, naive
        Names in a model's quality and in its baseline.
    sign
        1 where more is better, -1 where less is.
    margin
        How much smaller the gain over the naive rival may be; same unit as the figure.

    """

    figure: str
    naive: str
    sign: int
    margin: float

    def gain(self, quality: Figures, baseline: Figures) -> float | None:
        """Tell how much better than naive a model is; None where it could not be judged."""
        if self.figure not in quality or self.naive not in baseline:
            return None
        return self.sign * (quality[self.figure] - baseline[self.naive])


YARDSTICKS: Mapping[str, Yardstick] = {
    "churn": Yardstick("auc", "auc_recency", 1, 0.02),
    "frequency": Yardstick("poisson_deviance", "poisson_deviance_product_mean", -1, 0.02),
    "cf": Yardstick("ndcg_at_10", "ndcg_at_10_popular", 1, 0.02),
}


def why_worse(name: str, new: tuple[Figures, Figures], in_use: tuple[Figures, Figures]) -> str:
    """Say why a new model is worse than the one in use, '' where it is not.

    Each is judged on the last weeks before its own fit, so their gains over the naive rival on the same weeks are
    compared: a quiet season makes both the model and its rival worse.

    Parameters
    ----------
    name
        The model's.
    new, in_use
        Quality and baseline of either, as `TrainedModel` has them.

    Examples
    --------
    >>> naive = {"auc_recency": 0.70}
    >>> why_worse("churn", ({"auc": 0.75}, naive), ({"auc": 0.76}, naive))
    ''
    >>> why_worse("churn", ({"auc": 0.61}, naive), ({"auc": 0.76}, naive))
    'auc beats the naive answer by -0.0900 on the held-out weeks, the model in use by 0.0600; margin 0.02'

    """
    yardstick = YARDSTICKS.get(name)
    if yardstick is None:
        return ""
    before, now = yardstick.gain(*in_use), yardstick.gain(*new)
    if before is None:
        return ""
    if now is None:
        return "too few data to judge it on held-out weeks; the model in use was judged"
    if now >= before - yardstick.margin:
        return ""
    return (
        f"{yardstick.figure} beats the naive answer by {now:.4f} on the held-out weeks, "
        f"the model in use by {before:.4f}; margin {yardstick.margin}"
    )
