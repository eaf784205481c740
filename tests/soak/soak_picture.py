"""The picture of a soak: memory, open files, keys and latency over time."""

from collections.abc import Sequence
from pathlib import Path

from tests.soak.soak_samples import WARM_UP, Sample


def draw(samples: Sequence[Sample], path: Path) -> None:
    """Draw four panels into a PNG; the warm-up is grey."""
    import matplotlib as mpl  # noqa: PLC0415  # half a second to import, for the picture alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    minutes = [sample.seconds / 60 for sample in samples]
    figure, ((memory, files), (store, latency)) = plt.subplots(2, 2, figsize=(11, 7), sharex=True)
    for name in samples[0].resident_bytes:
        mebibytes = [sample.resident_bytes.get(name, 0) / 2**20 for sample in samples]
        memory.plot(minutes, mebibytes, label=name)
        files.plot(minutes, [sample.open_files.get(name, 0) for sample in samples], label=name)
    store.plot(minutes, [sample.keys / sample.counted for sample in samples], label="keys")
    kibibytes = [sample.store_bytes / 2**10 / sample.counted for sample in samples]
    store.plot(minutes, kibibytes, label="KiB")
    for kind in ("lists", "feedback"):
        for place, style in ((0, "-"), (1, ":")):
            values = [sample.milliseconds.get(kind, (None, None))[place] for sample in samples]
            latency.plot(minutes, values, style, linewidth=0.8, label=f"{kind}, p{(50, 99)[place]}")
    panels = {
        "resident memory, MiB": memory,
        "open files": files,
        "the store, per event and list": store,
        "milliseconds a call": latency,
    }
    for title, panel in panels.items():
        panel.set(title=title, ylim=(0, None))
        panel.axvspan(0, minutes[-1] * WARM_UP, color="0.93")
        panel.legend(fontsize=7)
    latency.set(yscale="log", ylim=(1, None), xlabel="minutes")
    store.set(yscale="log", ylim=(0.1, None), xlabel="minutes")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)
