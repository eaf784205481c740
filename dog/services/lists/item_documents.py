"""The shape of an item and its receipt: each field with the column that its values come from.

To add a factor, name its column here. A column of texts gets a line in `write_items` of `write_receipts.py`, a number
that the kernels know one in `explain_options` (`dog/core/kernels/explain.py`). The field is documented in
`dog/api/response_schemas.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.core.consolidator import Model
from dog.core.json_template import Hole, OptionalMembers
from dog.core.policy.policy_settings import START

DISCOMFORT = 1.0
"""Discomfort rests what it is about, or acts on a model or a choice; the contract has the factor."""


def item_document(
    explain: str, models: Sequence[Model], performance: Mapping[str, Any], *, is_drawn: bool
) -> dict[str, Any]:
    """Return the document of an item.

    Parameters
    ----------
    explain
        One of `EXPLANATIONS`; `full` has the inputs too, which `inputs_document` returns.
    models
        Those of the policy; an item has those that have a score of it.
    performance
        The document of its performance factors.
    is_drawn
        Whether the policy splits its traffic, so that an item has a propensity.

    """
    document: dict[str, Any] = {
        "rank": Hole("rank"),
        "product_id": Hole("product_id"),
        "score": Hole("score"),
        "order_score": Hole("order_score"),
        "attributes": {
            "account": Hole("account"),
            "contact": Hole("contact"),
            "product": Hole("name"),
            "time": Hole("time"),
            "channel": Hole("channel"),
            "rationale": Hole("rationale"),
        },
    }
    if explain != "none":
        of_models = [(model.name, f"raw.{model.name}", _model_document(model)) for model in models]
        document["factors"] = {"models": OptionalMembers(of_models), "performance": performance, **FACTORS}
    if is_drawn:
        document["propensity"] = Hole("propensity")
    return document


FACTORS = {
    "consolidated": Hole("consolidated"),
    "streak": Hole("streak"),
    "discomfort": DISCOMFORT,
    "market": Hole("market"),
    "business": Hole("business"),
    "clamp": Hole("clamp"),
    "rules": Hole("rules"),
}


def _model_document(model: Model) -> dict[str, Any]:
    """Return the document of a model's score of an item."""
    document = {
        "raw": Hole(f"raw.{model.name}"),
        "calibrated": Hole(f"calibrated.{model.name}"),
        "weight": model.weight,
        "multiplier": Hole(f"multiplier.{model.name}"),
        "share": Hole(f"share.{model.name}"),
        "calibration": model.calibration.method,
    }
    if model.name == START:
        document |= {"basis": Hole("basis"), "nearest": Hole("nearest")}
    return document


def inputs_document(*, has_choices: bool) -> dict[str, Any]:
    """Return the document of an item's own inputs."""
    document = {
        "runs": Hole("runs"),
        "unknown_rules": Hole("unknown_rules"),
        "effective_multiplier": Hole("effective_multiplier"),
    }
    return {**document, "choices": Hole("choices")} if has_choices else document
