"""What the model `start` proved at its last training, from its record in Redis: in a sentence, and as figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from dog.core.policy.policy_settings import START
from dog.core.spoken import counted
from dog.storage.catalogue import read_models
from dog.storage.store import Store

NOT_TRAINED = "start: no purchase and no win yet; products are ordered by value"


def read_proof(store: Store) -> Mapping[str, Any] | None:
    """Return what the last training proved; None where there was none."""
    proof: Mapping[str, Any] | None = read_models(store).get(START, {}).get("proof")
    return proof


def describe_proof(proof: Mapping[str, Any] | None) -> str:
    """Return what was proved, in a sentence.

    >>> describe_proof({"contacts": 40, "bands": {"0": None}, "segment_bands": {}, "segments": None, "cold": None})
    'start: 40 contacts, too few of them with two products to prove more than popularity'

    """
    if proof is None:
        return NOT_TRAINED
    contacts = counted(proof["contacts"], "contact")
    if not any(proof["bands"].values()):
        few = "too few of them with two products to prove more than popularity"
        return f"start: {contacts}, {few}{_describe_memory(proof)}"
    cold = "; cold products find their buyers" if is_on(proof["cold"]) else ""
    return f"start: {contacts}, {_describe_tastes(proof)}{cold}{_describe_memory(proof)}"


def _describe_memory(proof: Mapping[str, Any]) -> str:
    verdict = proof.get("memory")
    if not verdict:
        return ""
    found = f"proved, with a trust of {verdict['trust']:.2f}" if is_on(verdict) else "not proved, and not used"
    return f"; the memory of past cases is {found}"


def _describe_tastes(proof: Mapping[str, Any]) -> str:
    on = _events_where_on(proof["bands"])
    if not is_on(proof["segments"]):
        return f"tastes proved after {on}" if on else "tastes not proved, popularity counts alone"
    beyond = _events_where_on(proof["segment_bands"])
    beyond = f"tastes prove more after {beyond}" if beyond else "tastes prove no more"
    without = f"after {on}" if on else "after no number of events"
    return f"popularity by segment proved, {beyond}; of contacts without attributes, tastes proved {without}"


def _events_where_on(bands: Mapping[str, Any]) -> str:
    names = ", ".join(name for name, verdict in bands.items() if is_on(verdict))
    return names and names + (" event" if names == "1" else " events")


def is_on(verdict: Mapping[str, Any] | None) -> bool:
    """Return whether a part is switched on; None is a part that could not be judged."""
    return bool(verdict and verdict["on"])


def figures_of(proof: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Return the figures of a proof by name: gains over popularity by band, the AUC of cold products."""
    return dict(_figures(proof)) if proof else {}


def _figures(proof: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    verdicts = [*proof["bands"].items(), ("segments", proof["segments"])]
    verdicts += [(f"with_attributes.{name}", verdict) for name, verdict in proof["segment_bands"].items()]
    for name, verdict in verdicts:
        if verdict:
            place = name.replace(" ", "_")
            yield f"start.{place}.on", float(verdict["on"])
            for figure in ("auc", "ndcg"):
                yield f"start.{place}.{figure}_gain", verdict[figure]["mean"]
                yield f"start.{place}.{figure}_gain_low", verdict[figure]["low"]
    if memory := proof.get("memory"):
        yield "start.memory.on", float(memory["on"])
        yield "start.memory.trust", memory["trust"]
        yield "start.memory.ndcg_gain", memory["ndcg"]["mean"]
    if cold := proof["cold"]:
        yield "start.cold.on", float(cold["on"])
        for buyers, auc in zip(cold["known_buyers"], cold["auc"], strict=True):
            yield f"start.cold.auc_{buyers}_buyers", auc


def gains_of_auc(proof: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the AUC gained over popularity by number of events, in ten-thousandths; 0 for a loss."""
    bands = proof["bands"] if proof else {}
    return {name: max(0.0, 1e4 * verdict["auc"]["mean"]) if verdict else 0.0 for name, verdict in bands.items()}
