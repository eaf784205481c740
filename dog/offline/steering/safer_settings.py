"""Which settings of the multiplier are safer than others, and which safer ones are worth trying.

Safer means: the multiplier can do less. The order is partial and has four coordinates:

| coordinate | safer is |
|---|---|
| `a_max`, `d_min` | nearer to 1 |
| `trust` in products and in pairs | smaller; `learned` may be anything from 0 to 1, so only 0 is safer than it |
| `explore` | smaller |

Settings are safer than others if they are in at least one coordinate, not riskier in any, and equal in everything else.
"""

from collections.abc import Mapping
from dataclasses import replace

from dog.core.learning.reinforcement_settings import Reinforcement

COORDINATES = ("a_max", "d_min", "trust", "explore")


def is_safer(new: Reinforcement, old: Reinforcement) -> bool:
    """Return whether settings are safer than others.

    Examples
    --------
    >>> mild, bold = Reinforcement(a_max=1.5, d_min=0.7), Reinforcement(a_max=3.0, d_min=0.3)
    >>> is_safer(mild, bold), is_safer(bold, mild), is_safer(mild, mild)
    (True, False, False)

    """
    if replace(new, **{name: getattr(old, name) for name in COORDINATES}) != old:
        return False
    reach = [(new.a_max, old.a_max), (1 / new.d_min, 1 / old.d_min), (new.explore, old.explore)]
    less_trust = new.fixed_trust != old.fixed_trust
    if less_trust:  # learned trust may be anything from 0 to 1
        reach += zip(new.fixed_trust or (1.0, 1.0), old.fixed_trust or (0.0, 0.0), strict=True)
    no_riskier = all(one <= other for one, other in reach)
    return no_riskier and (less_trust or any(one < other for one, other in reach))


def safer_alternatives(settings: Reinforcement) -> Mapping[str, Reinforcement]:
    """Return the safer settings worth trying, by what they change.

    Bounds half as far from 1 (in logarithms); no trust in products, in pairs, in either; no exploration, where it is
    part of the multiplier; no multiplier at all.
    """
    half = {"a_max": settings.a_max**0.5, "d_min": settings.d_min**0.5}
    tried: dict[str, dict[str, object]] = {
        f"a_max = {half['a_max']:.3g}, d_min = {half['d_min']:.3g}": half,
        "a_max = 1, d_min = 1": {"a_max": 1.0, "d_min": 1.0},
    }
    if settings.neutral == "expected":
        tried["trust = 0"] = {"trust": 0.0}
        if settings.fixed_trust is not None:
            products, pairs = settings.fixed_trust
            tried[f"trust = [0, {pairs:g}]"] = {"trust": (0.0, pairs)}
            tried[f"trust = [{products:g}, 0]"] = {"trust": (products, 0.0)}
    else:
        tried["explore = 0"] = {"explore": 0.0}
    found = {label: replace(settings, **changes) for label, changes in tried.items()}  # type: ignore[arg-type]
    return {label: changed for label, changed in found.items() if is_safer(changed, settings)}
