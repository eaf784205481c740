"""Logistic regression on products of episodes: few of them are wanted, so that of the others a sample is enough.

References
----------
King, Zeng 2001, "Logistic Regression in Rare Events Data": the intercept is corrected for the sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.logistic import fit_logistic
from dog.models.start.taste import Floats

MOST_ROWS = 100_000
"""Rows of the sample, besides the wanted ones."""
RIDGE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledRows:
    """All wanted rows, and of the others a share, drawn at random.

    Parameters
    ----------
    features
        Shape (features, rows).
    wanted
        Shape (rows,).
    share
        Of the rows not wanted, in (0, 1].

    """

    features: Floats
    wanted: np.ndarray
    share: float

    @classmethod
    def together(cls, samples: Sequence["SampledRows"]) -> "SampledRows":
        """Return the rows of samples that were drawn with the same share."""
        return cls(
            features=np.concatenate([sample.features for sample in samples], axis=1),
            wanted=np.concatenate([sample.wanted for sample in samples]),
            share=samples[0].share,
        )


def draw_cells(wanted: np.ndarray, open_cells: np.ndarray, share: float, chance: np.random.Generator) -> np.ndarray:
    """Return which cells of a table are in the sample: those wanted, and a share of the other open ones."""
    return np.asarray(wanted | (open_cells & (chance.random(wanted.shape, np.float32) < share)))


def fit_sampled(rows: SampledRows, prior: Floats) -> list[float]:
    """Return intercept and coefficients for all rows; coefficients are at least 0, and drawn towards `prior`.

    Examples
    --------
    >>> rows = SampledRows(features=np.zeros((1, 4)), wanted=np.array([True, True, False, False]), share=0.1)
    >>> fit_sampled(rows, np.array([1.0])) == [np.log(0.1), 1.0]
    True

    """
    if not rows.wanted.any() or rows.wanted.all():
        return [0.0, *prior.tolist()]
    one_group, means = np.zeros(len(rows.wanted), np.int64), rows.features.mean(axis=1)
    centred = rows.features - means[:, None]  # takes half as many steps of Newton's method
    fit = fit_logistic(centred, rows.wanted, one_group, prior, RIDGE)
    intercept = fit.intercept - float(fit.coefficients @ means) + float(np.log(rows.share))
    return [intercept, *fit.coefficients.tolist()]
