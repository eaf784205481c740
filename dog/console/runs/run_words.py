"""Runs in words: their kinds, their main figures, and where two of them differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from dog.console.texts import N_, _, number
from dog.storage.run_log import Run

KINDS = {
    "evaluate": N_("Evaluation"),
    "tune": N_("Tuning"),
    "prove": N_("Proof"),
    "train": N_("Training"),
    "meta": N_("Weekly training"),
    "steer": N_("Steering"),
    "recompute": N_("Recompute"),
    "publish": N_("Publication"),
}
"""Kinds of runs, by their texts."""
MODELS = {
    "churn.auc": N_("AUC of churn"),
    "frequency.poisson_deviance": N_("deviance of frequency"),
    "cf.ndcg_at_10": N_("NDCG at 10 of cf"),
}
HELD_OUT = {
    "held_out.champion_log_loss": N_("log loss of the live version"),
    "held_out.challenger_log_loss": N_("log loss of the draft"),
    "held_out.difference_value": N_("difference in log loss"),
}
FIGURES = {
    "evaluate": {
        "consolidated.auc": N_("AUC of the scores"),
        "with_multipliers.auc": N_("AUC with multipliers"),
        "multiplier.together.log_loss": N_("log loss changed by multipliers"),
        "past_win_rate_alone.auc": N_("AUC of past win rates"),
    },
    "tune": {
        "in_force_log_loss": N_("log loss of the live settings"),
        "best_log_loss": N_("log loss of the best settings"),
        "held_out.difference_value": N_("difference on held-out weeks"),
    },
    "prove": {**HELD_OUT, "logged.dr_value": N_("difference in wins per listed item")},
    "train": MODELS,
    "meta": MODELS,
    "steer": HELD_OUT,
    "recompute": {
        "pairs": N_("pairs"),
        "moved": N_("moved"),
        "up": N_("up"),
        "down": N_("down"),
        "recursions": N_("fades"),
    },
    "publish": {"models": N_("models"), "rules": N_("rules"), "largest_multiplier": N_("largest multiplier")},
}
"""The main figures of each kind, by their texts; a run has those that are known."""
SMALL = 0.01
INPUTS = {
    "kind": N_("kind"),
    "settings": N_("settings"),
    "code": N_("program"),
    "data": N_("data"),
    "seed": N_("seed"),
}


def kind_name(kind: str) -> str:
    """Return the name of a kind of runs."""
    return _(KINDS.get(kind, kind))


def main_figures(run: Run) -> list[tuple[str, str]]:
    """Return name and value of the main figures that are known of a run."""
    named = FIGURES.get(run.kind, {})
    return [(_(text), figure(value)) for name, text in named.items() if (value := run.metrics.get(name)) is not None]


def figure(value: float | None) -> str:
    """Write a figure with four digits after the point, a small one with six; empty where it is not known."""
    if value is None:
        return ""
    return number(value, "#,##0.####" if abs(value) >= SMALL else "#,##0.######")


def changed_inputs(inputs: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return name, first and second value of each input that differs; settings one by one."""
    rows = []
    for name, (first, second) in inputs.items():
        if name == "settings":
            names = [one for one in {**first, **second} if first.get(one) != second.get(one)]
            rows += [(one, _shown(first.get(one)), _shown(second.get(one))) for one in names]
        elif name == "kind":
            rows.append((_(INPUTS[name]), kind_name(first), kind_name(second)))
        else:
            rows.append((_(INPUTS[name]), _shown(first), _shown(second)))
    return rows


def describe_comparison(found: Mapping[str, Any]) -> str:
    """Return what comparing two runs has shown, in a sentence."""
    if found["same_inputs"]:
        if found["same_metrics"]:
            return _("The inputs and all figures are the same.")
        return _("The inputs are the same, but figures differ: something is not deterministic, which is a bug.")
    return _("The inputs differ, but no figure does.") if found["same_metrics"] else _("Inputs and figures differ.")


def inputs_of(run: Run) -> list[tuple[str, str]]:
    """Return name and value of each input, settings one by one."""
    settings = [(name, _shown(value)) for name, value in run.settings.items()]
    return [*settings, *((_(INPUTS[name]), _shown(getattr(run, name))) for name in ("code", "data", "seed"))]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
