"""Whether a newly fitted model may replace the one in use."""

from collections.abc import Mapping
from dataclasses import dataclass

from dog.models.quality import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """The figure by which a model is compared with its naive baseline.

    `sign` is 1 where more is better, -1 where less is; `margin` is how much smaller than that of the model in use the
    gain over the baseline may be.
    """

    figure: str
    naive: str
    sign: int
    margin: float

    def gain(self, quality: Figures, baseline: Figures) -> float | None:
        """Return how much better than naive a model is; None where it could not be measured."""
        if self.figure not in quality or self.naive not in baseline:
            return None
        return self.sign * (quality[self.figure] - baseline[self.naive])


YARDSTICKS: Mapping[str, Yardstick] = {
    "churn": Yardstick(figure="auc", naive="auc_recency", sign=1, margin=0.02),
    "frequency": Yardstick(figure="poisson_deviance", naive="poisson_deviance_product_mean", sign=-1, margin=0.02),
    "cf": Yardstick(figure="ndcg_at_10", naive="ndcg_at_10_popular", sign=1, margin=0.02),
}


def why_worse(name: str, new: tuple[Figures, Figures], in_use: tuple[Figures, Figures]) -> str:
    """Return why a new model is worse than the one in use, '' where it is not.

    `new` and `in_use` are quality and baseline of each. Both were measured on the last weeks before their own fit, so
    their gains over the naive baseline of the same weeks are compared: a quiet season makes model and baseline worse.

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
