"""What `doctor` says of the consolidation: what each policy's fit rests on, and which models it is better without."""

from collections.abc import Iterator, Mapping

from dog.core.calibration import MIN_OUTCOMES, MIN_WINS
from dog.core.consolidation_fit import ConsolidationFit
from dog.core.policy.policy import Policy

BASES = {
    "pitch time": "scores of the time of each pitch",
    "held out": "scores of models that were fitted without the outcomes",
    "current": "today's scores, which may know the outcomes: figures look better than they are until pitches are made "
    "with scores",
}

HARM = 5.0
"""Nats by which outcomes must be explained better without a model for it to be named."""


def describe_consolidations(
    policies: Mapping[str, Policy], fits: Mapping[str, ConsolidationFit]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield for each policy its name, what its consolidation rests on, and what would fix it, None where nothing."""
    for name, policy in policies.items():
        fit = fits.get(name)
        if fit is None or fit.intercept is None:
            settled = f"{fit.pitches:,} settled pitches with scores, {fit.wins:,} won" if fit else "no settled pitches"
            needs = f"fits need {MIN_OUTCOMES} and {MIN_WINS}"
            yield name, f"{settled}; {needs}: until then the weighted mean around the win rate", None
            continue
        says = f"{policy.consolidation}; fitted to {fit.pitches:,} pitches, {fit.wins:,} won, with {BASES[fit.basis]}"
        if policy.consolidation != "stacking":
            yield name, says, None
            continue
        weights = (f"{model} {one.coefficient:.2f}" for model, one in fit.models.items() if one.coefficient is not None)
        harm = [model for model, one in fit.models.items() if one.gain is not None and one.gain < -HARM]
        fix = f"set the weight of {', '.join(harm)} to 0 in policy {name}: outcomes are explained better without"
        yield name, f"{says}; {', '.join(weights)}", fix if harm else None
