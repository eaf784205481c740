"""The picture of the few-shot benchmark: NDCG@10 over the number of events, a panel for each data set."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.few_shot.few_shot_report import TITLES, Row

PICTURED = ("popular", "EASE", "ALS fold-in", "prototypes", "MAML", "LSTM", "taste", "start", "taste + ALS + memory")
DASHED = ("popular", "taste + ALS + memory")


def draw(found: Mapping[tuple[str, bool], Row], path: Path) -> None:
    """Draw the data sets that were run."""
    import matplotlib as mpl  # noqa: PLC0415  # half a second to import, for the picture alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = [found[name, False] for name in TITLES if (name, False) in found]
    figure, panels = plt.subplots(1, len(rows), figsize=(4.2 * len(rows), 4.4), squeeze=False)
    for row, axes in zip(rows, panels[0], strict=True):
        cuts = list(row["episodes"])
        for name in PICTURED:
            if name in row["methods"]:
                means = [row["methods"][name]["figures"][cut][0][0] for cut in cuts]
                style = "--" if name in DASHED else "-"
                axes.plot(range(len(cuts)), means, style, marker=".", label=name)
        axes.set(title=TITLES[row["data"]], xlabel="events known (k)", xticks=range(len(cuts)), xticklabels=cuts)
    panels[0][0].set(ylabel="NDCG@10 of the next ten")
    panels[0][-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
