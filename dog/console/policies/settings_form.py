"""The form of weights and learning: a field for each setting, and the settings that were sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dog.console.policies.policy_changes import SETTINGS
from dog.console.texts import _
from dog.core.consolidation import METHODS
from dog.errors import InvalidPolicy

PREFIX = "set:"
LEARNING = (("a_max", 1, 0.1), ("d_min", 0.05, 0.01), ("explore", 0, 0.1), ("max_step", 1, 0.05))
"""Settings of learning with their smallest values and steps; the page Learning has all of them, drawn."""
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One field of the form; a text has choices."""

    name: str
    label: str
    value: Any
    least: float = 0
    step: float = 0.05
    choices: tuple[str, ...] = ()


def setting_fields(document: Mapping[str, Any]) -> list[SettingField]:
    """Return the fields for a complete document of a policy."""
    weights = [
        SettingField(
            name=f"{PREFIX}models/{model}/weight",
            label=_("Weight of model %(model)s", model=model),
            value=one["weight"],
        )
        for model, one in document["models"].items()
        if one.get("role") != "fallback"
    ]
    method = SettingField(
        name=f"{PREFIX}consolidation/method",
        label=_(SETTINGS["/consolidation/method"]),
        value=document["consolidation"]["method"],
        choices=tuple(METHODS),
    )
    learning = [
        SettingField(
            name=f"{PREFIX}reinforcement/{key}",
            label=_(SETTINGS[f"/reinforcement/{key}"]),
            value=round(document["reinforcement"][key], 4),
            least=least,
            step=step,
        )
        for key, least, step in LEARNING
    ]
    return [*weights, method, *learning]


def read_settings(form: Mapping[str, str]) -> dict[Path, Any]:
    """Return the settings that changed in a form, by their path; each comes with the value it had, as `was:`."""
    found: dict[Path, Any] = {}
    for name, value in form.items():
        if name.startswith(PREFIX) and value != form.get(f"was:{name}"):
            path = tuple(name.removeprefix(PREFIX).split("/"))
            found[path] = value if path[-1] == "method" else _number(path, value)
    return found


def _number(path: Path, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidPolicy(_("%(setting)s must be a number.", setting=" ".join(path))) from None
