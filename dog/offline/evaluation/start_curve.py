"""How well contacts start, by number of events, on the tenant's own history; and what the gate decided."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from dog.core.policy.policy_settings import START
from dog.models.start.fit_start import MOST_CONTACTS
from dog.offline.history.read_purchases import read_purchases
from dog.offline.report_charts import CHART_COLOURS, INK, Charts, as_svg, new_figure, pictures
from dog.offline.report_page import table
from dog.offline.start_data import fit_to_purchases, read_known_since
from dog.services.start_proof import NOT_TRAINED, describe_proof
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.store import Store

Proof = Mapping[str, Any]
"""What `StartReport.to_document` returns."""
HEAD = ("events known", "contacts", "popularity: NDCG at 10", "AUC", "start adds: NDCG at 10", "AUC", "decision")
COLD_HEAD = ("buyers known of a new product", "products", "most active contacts: AUC", "start: AUC", "decision")
CHART = "start"


def read_start_curve(store: Store, now_ms: int) -> Proof | None:
    """Return the proof on the tenant's own history: that of the last training, or a new one where events came since.

    None where nothing was bought or won.
    """
    events, known = read_purchases(store, MOST_CONTACTS), read_models(store).get(START, {})
    if not len(events.product):
        return None
    if known.get("data") == events.fingerprint:
        proof: Proof = known["proof"]
        return proof
    catalogue = read_catalogue(store)
    _, proved = fit_to_purchases(events, catalogue, read_known_since(store, catalogue, now_ms))
    stored: Proof = orjson.loads(orjson.dumps(proved.to_document()))  # as a stored one: without infinite bounds
    return stored


def curve_rows(proof: Proof) -> Iterator[list[str]]:
    """Yield a row for each number of events known, and for segments; gains are over popularity, with 95% intervals.

    Where segments have levels, contacts with and without attributes are judged apart, the former against the popularity
    of their segment.
    """
    verdicts = [("segment level, 0", proof["segments"])]
    verdicts += [(f"{name}, attributes known", verdict) for name, verdict in proof["segment_bands"].items()]
    for name, verdict in [*proof["bands"].items(), *verdicts]:
        if not verdict:
            yield [name, "-", "-", "-", "-", "-", "too few contacts"]
            continue
        gains = (_gain(verdict["ndcg"]), _gain(verdict["auc"]))
        bases = zip(gains, (verdict["base_ndcg"], verdict["base_auc"]), strict=True)
        base = ("-" if gain == "-" else f"{value:.4f}" for gain, value in bases)  # without a gain none was measured
        yield [name, f"{verdict['contacts']:,}", *base, *gains, "on" if verdict["on"] else "off"]


def cold_rows(proof: Proof) -> Iterator[list[str]]:
    """Yield a row for each number of known buyers of hidden products."""
    cold = proof["cold"]
    if cold:
        for place, buyers in enumerate(cold["known_buyers"]):
            aucs = (f"{cold[name][place]:.3f}" for name in ("auc_most_active", "auc"))
            yield [str(buyers), f"{cold['products']:,}", *aucs, "on" if cold["on"] else "off"]


def _gain(interval: Mapping[str, float | None]) -> str:
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return "-"
    return f"{interval['mean']:+.4f} [{low:+.4f}, {high:+.4f}]"


def draw_start_curve(proof: Proof) -> bytes:
    """Draw the AUC gained over popularity by number of events, with its interval."""
    bands = {name: verdict["auc"] for name, verdict in proof["bands"].items() if verdict}
    figure, axes = new_figure(height=3.2)
    means = [gain["mean"] for gain in bands.values()]
    below = [gain["mean"] - gain["low"] for gain in bands.values()]
    above = [gain["high"] - gain["mean"] for gain in bands.values()]
    axes.errorbar(list(bands), means, yerr=(below, above), fmt="o-", color=CHART_COLOURS[0], capsize=3)
    axes.axhline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel("purchases and wins known of a contact")
    axes.set_ylabel("AUC gained over popularity")
    return as_svg(figure)


def can_draw(proof: Proof | None) -> bool:
    """Return whether some band has an interval to draw."""
    bands = [verdict for verdict in proof["bands"].values() if verdict] if proof else []
    return bool(bands) and not any(None in verdict["auc"].values() for verdict in bands)


def render_start_curve(proof: Proof | None, drawn: Charts) -> Sequence[str]:
    """Return the part of the page about the model start."""
    head = "<h2>How well contacts and products start</h2>"
    if proof is None:
        return [head, f"<p>{NOT_TRAINED}.</p>"]
    cold = list(cold_rows(proof))
    return [
        head,
        f"<p class=advice>{describe_proof(proof)}.</p>",
        table(HEAD, curve_rows(proof)),
        (
            "<p class=note>Measured on contacts that the model was not fitted to: given their first events, it has to "
            "find the next ten among all products. Brackets hold 95% intervals.</p>"
        ),
        *pictures(drawn, CHART),
        table(COLD_HEAD, cold) if cold else "<p>Too few products to judge new ones.</p>",
    ]
