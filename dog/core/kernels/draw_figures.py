"""Figures of bootstrap samples: each cluster of rows is drawn some times, many samples in one pass over the rows.

`times` says how often each cluster was drawn in each sample, shape (clusters, samples). Counts are whole numbers, so
areas are exact; other sums are taken in the order of the rows. No figure depends on how many threads or processes there
are.
"""

import numpy as np

from dog.core.kernels.compiled import compiled


@compiled()
def _add(total: np.ndarray, drawn: np.ndarray) -> None:
    for sample in range(len(total)):
        total[sample] += drawn[sample]


@compiled()
def _close_tie(
    below: np.ndarray, won_in: np.ndarray, won_tie: np.ndarray, lost_tie: np.ndarray, doubled_area: np.ndarray
) -> None:
    for sample in range(len(below)):
        doubled_area[sample] += won_tie[sample] * (2 * below[sample] + lost_tie[sample])
        below[sample] += lost_tie[sample]
        won_in[sample] += won_tie[sample]
        won_tie[sample] = lost_tie[sample] = 0


@compiled("void(i4[::1], b1[::1], b1[::1], b1[::1], u1[:, ::1], i8[::1], i8[::1])")
def draw_areas(
    cluster: np.ndarray,
    won: np.ndarray,
    ends_tie: np.ndarray,
    ends_group: np.ndarray,
    times: np.ndarray,
    doubled_area: np.ndarray,
    pairs: np.ndarray,
) -> None:
    """Add twice the area under the ROC curve inside groups, not divided yet, and the pairs of a win and a loss.

    Rows are sorted by group and, inside a group, by score; `ends_tie` and `ends_group` mark the last row of those with
    one score, and of a group, shape (rows,). `doubled_area` and `pairs` have shape (samples,), 0 before.
    """
    samples = times.shape[1]
    below, won_in = np.zeros(samples, np.int64), np.zeros(samples, np.int64)
    won_tie, lost_tie = np.zeros(samples, np.int64), np.zeros(samples, np.int64)
    begins = True
    for row in range(len(cluster)):
        drawn = times[cluster[row]]
        if won[row]:
            _add(won_tie, drawn)
        elif begins and ends_tie[row]:  # most rows are lost, and have a score of their own
            _add(below, drawn)
        else:
            _add(lost_tie, drawn)
        if ends_tie[row] and (won[row] or not begins):
            _close_tie(below, won_in, won_tie, lost_tie, doubled_area)
        begins = ends_tie[row]
        if ends_group[row]:
            for sample in range(len(pairs)):
                pairs[sample] += won_in[sample] * below[sample]
                below[sample] = won_in[sample] = 0


@compiled("void(i4[::1], i4[::1], f8[:, ::1], u1[:, ::1], f8[:, :, ::1])")
def draw_sums(cluster: np.ndarray, bin_of: np.ndarray, values: np.ndarray, times: np.ndarray, sums: np.ndarray) -> None:
    """Add up the values of each bin.

    `cluster` and `bin_of` have shape (rows,), `values` (rows, columns), `sums` (bins, columns, samples), 0 before.
    """
    samples = times.shape[1]
    for row in range(len(cluster)):
        drawn, own = times[cluster[row]], sums[bin_of[row]]
        for column in range(values.shape[1]):
            value, total = values[row, column], own[column]
            for sample in range(samples):
                total[sample] += value * drawn[sample]
