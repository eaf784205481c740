"""Settings of the reinforcement, each one declaration: type, description, range and default.

Reading a policy, its JSON Schema and its document follow from it; a value out of its range cannot be constructed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from dog.core.documents.choice_fields import ChoiceField, ChoiceOrNumberField, ChoiceOrNumbersField
from dog.core.documents.fields import FlagField, NumberField, WholeField
from dog.core.documents.tables import DocumentTable, TableField

Family = Literal["ratio", "linear", "exponential", "logistic"]
Reading = Literal["evidence", "gain", "literal"]
Rate = Literal["shrunk", "raw"]
NeutralName = Literal["expected", "global", "score", "product"]
On = Literal["odds", "score"]
LapScope = Literal["contact", "tenant"]

FAMILIES: tuple[Family, ...] = ("ratio", "linear", "exponential", "logistic")
READINGS: tuple[Reading, ...] = ("evidence", "gain", "literal")
RATES: tuple[Rate, ...] = ("shrunk", "raw")
LAP_SCOPES: tuple[LapScope, ...] = ("contact", "tenant")
NEUTRALS: tuple[NeutralName, ...] = ("expected", "global", "score", "product")
CLAMP = (0.25, 4.0)
"""Bounds of performance x streak where a policy sets none, widened to [d_min, a_max]."""


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
        int, WholeField("Laps between two recursions, counted as lap_scope says.", at_least=1, at_most=1_000_000_000)
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
            "What has multiplier 1: as many wins as the models expected, or a win rate: the tenant's, the pair's own "
            "calibrated score, its product's, or a number.",
            NEUTRALS,
            NumberField(above=0, below=1),
        ),
    ] = "expected"
    a_max: Annotated[float, NumberField("Ceiling of the appreciating multiplier.", at_least=1)] = 3.0
    d_min: Annotated[float, NumberField("Floor of the depreciating multiplier.", above=0, at_most=1)] = 1 / 3
    rate: Annotated[Rate, ChoiceField("Win rate of a pair: shrunk towards its prior, or raw.", RATES)] = "shrunk"
    recursion: Annotated[Recursion, TableField("Damping after a number of laps.", Recursion)] = Recursion()
    on: Annotated[
        On | None,
        ChoiceField(
            "What the multiplier multiplies: the odds of the score, or the score; odds where neutral is expected.",
            ("odds", "score"),
        ),
    ] = None
    trust: Annotated[
        Literal["learned"] | float | tuple[float, float],
        ChoiceOrNumbersField(
            "How much past records count, 0 to 1, of products and of pairs: learned from the history, or fixed.",
            ("learned",),
            NumberField(at_least=0, at_most=1),
            alone=True,
        ),
    ] = "learned"
    explore: Annotated[
        float, NumberField("Standard deviations of doubt that are credited to a pair.", at_least=0, at_most=5)
    ] = 1.0
    max_step: Annotated[float, NumberField("Largest ratio by which a multiplier moves in a week.", at_least=1)] = 1.25
    maturation_days: Annotated[
        float, NumberField("Days after which a pitch without an answer counts as lost.", above=0)
    ] = 90.0
    absorb: Annotated[
        Literal["measured"] | float,
        ChoiceOrNumberField(
            "Share of the evidence that new scores take out: measured, or of what retrained models have seen.",
            ("measured",),
            NumberField(at_least=0, at_most=1),
        ),
    ] = "measured"
    clamp: Annotated[
        Literal["off"] | tuple[float, float] | None,
        ChoiceOrNumbersField(
            "Bounds of performance x streak, outside [d_min, a_max]; by default 0.25 to 4, wider where those are.",
            ("off",),
            NumberField(above=0),
        ),
    ] = None
    lap_scope: Annotated[
        LapScope, ChoiceField("Whose laps count towards a recursion: the contact's own, or the tenant's.", LAP_SCOPES)
    ] = "contact"
    self_steer: Annotated[
        bool, FlagField("Whether a weekly job may prove and publish safer settings of the multiplier by itself.")
    ] = False
    memory: Annotated[
        bool, FlagField("Whether what contacts like this one did counts too, by category, once that is proved.")
    ] = False
    streak: Annotated[Streak, TableField("Effect of runs of accepts and discards.", Streak)] = Streak()

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each setting that another one rules out, and why."""
        if self.neutral == "expected" and self.family != "ratio":
            yield (
                "family",
                f'family {self.family} is a curve over win rates: neutral = "expected" needs family = "ratio"',
            )
        if self.neutral == "expected" and self.rate == "raw":
            yield "rate", 'rate raw leaves out the expected wins: neutral = "expected" needs rate = "shrunk"'
        if self.memory and self.neutral != "expected":
            yield "memory", 'memory compares wins with expected wins: it needs neutral = "expected"'
        low, high = self.clamp_bounds
        if low > self.d_min or high < self.a_max:
            yield (
                "clamp",
                f'clamp is inside [d_min, a_max] = [{self.d_min:g}, {self.a_max:g}]; widen it, or set "off"',
            )

    @property
    def on_odds(self) -> bool:
        """Whether the multiplier multiplies the odds of the score."""
        return self.on == "odds" or (self.on is None and self.neutral == "expected")

    @property
    def clamp_bounds(self) -> tuple[float, float]:
        """Bounds of performance x streak."""
        if self.clamp == "off":
            return 0.0, math.inf
        return self.clamp or (min(CLAMP[0], self.d_min), max(CLAMP[1], self.a_max))

    @property
    def fixed_trust(self) -> tuple[float, float] | None:
        """Trust in products and in pairs; None where it is learned."""
        if self.trust == "learned":
            return None
        return self.trust if isinstance(self.trust, tuple) else (float(self.trust), float(self.trust))
