"""Settings of the reinforcement, each one declaration: type, description, range and default.

Reading a policy, its JSON Schema and its document follow from it; a value out of its range cannot be constructed.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from dog.core.documents.fields import ChoiceField, ChoiceOrNumberField, NumberField, WholeField
from dog.core.documents.tables import DocumentTable, TableField

Family = Literal["ratio", "linear", "exponential", "logistic"]
Reading = Literal["evidence", "gain", "literal"]
Rate = Literal["shrunk", "raw"]
NeutralName = Literal["global", "score", "product"]

FAMILIES: tuple[Family, ...] = ("ratio", "linear", "exponential", "logistic")
READINGS: tuple[Reading, ...] = ("evidence", "gain", "literal")
RATES: tuple[Rate, ...] = ("shrunk", "raw")
NEUTRALS: tuple[NeutralName, ...] = ("global", "score", "product")


@dataclass(frozen=True, slots=True)
class Recursion(DocumentTable):
    """How the curve or its evidence is damped by (1-w)^n after every `laps` laps."""

    reading: Annotated[
        Reading,
        ChoiceField(
            "What (1-w)^n multiplies: the pair's evidence, the gain of the curve over 1, or the value.", READINGS
        ),
    ] = "evidence"
    n: Annotated[float, NumberField("Exponent of (1-w)^n; 0 switches the damping off.", at_least=0, at_most=3)] = 0.5
    laps: Annotated[
        int, WholeField("Laps of one contact between two recursions.", at_least=1, at_most=1_000_000_000)
    ] = 500


@dataclass(frozen=True, slots=True)
class Streak(DocumentTable):
    """How strongly runs of accepts or discards act at once."""

    accept: Annotated[float, NumberField("Multiplier that an endless run of accepts tends to.", at_least=1)] = 1.25
    discard: Annotated[
        float, NumberField("Multiplier that an endless run of discards tends to.", above=0, at_most=1)
    ] = 0.5
    half_life_days: Annotated[
        float, NumberField("Days after which half of a streak's effect, in logarithms, is gone.", above=0)
    ] = 28.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinforcement(DocumentTable):
    """How win rates become multipliers."""

    read_first: ClassVar[tuple[str, ...]] = ("family", "neutral", "rate")

    family: Annotated[Family, ChoiceField("Shape of the curve.", FAMILIES)] = "ratio"
    neutral: Annotated[
        NeutralName | float,
        ChoiceOrNumberField(
            "Win rate with multiplier 1: the tenant's, the pair's own calibrated score, its product's, or a number.",
            NEUTRALS,
            NumberField(above=0, below=1),
        ),
    ] = "global"
    a_max: Annotated[float, NumberField("Ceiling of the appreciating multiplier.", at_least=1)] = 3.0
    d_min: Annotated[float, NumberField("Floor of the depreciating multiplier.", above=0, at_most=1)] = 1 / 3
    rate: Annotated[Rate, ChoiceField("Win rate of a pair: shrunk towards its prior, or raw.", RATES)] = "shrunk"
    recursion: Annotated[Recursion, TableField("Damping after a number of laps.", Recursion)] = Recursion()
    explore: Annotated[
        float, NumberField("Standard deviations added to a win rate before the curve is read.", at_least=0, at_most=5)
    ] = 0.5
    max_step: Annotated[float, NumberField("Largest ratio by which a multiplier moves in a week.", at_least=1)] = 1.25
    maturation_days: Annotated[
        float, NumberField("Days after which a pitch without an answer counts as lost.", above=0)
    ] = 90.0
    absorb: Annotated[
        float, NumberField("Share of the older evidence that a model refresh takes out.", at_least=0, at_most=1)
    ] = 1.0
    streak: Annotated[Streak, TableField("Effect of runs of accepts and discards.", Streak)] = Streak()
