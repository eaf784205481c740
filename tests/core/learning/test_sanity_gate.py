"""The sanity gate holds unsound weeks always, unlikely ones until forced."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from dog.core.learning.evidence import no_evidence
from dog.core.learning.ledger_chunk import DIGEST, ContactBlock
from dog.core.learning.pair_evidence import PairEvidence
from dog.core.learning.sanity_gate import WeekBefore, check_week
from dog.core.learning.settlement import Settled
from dog.core.learning.week_changes import WeekChanges
from dog.errors import WeekHeld


def judge(*, pairs: int = 2000, rate: float = 0.1, shifted: int = 0, pitches: int = 9000, force: bool = False) -> None:
    """Pass a week through the gate that follows one with 2,000 pairs and a win rate of 0.1."""
    changes, before = WeekChanges(pairs=pairs, shifted=shifted), WeekBefore(2000, pitches, 0.1)
    check_week("2026-W47", "recommended", changes, rate, before, force=force)


@pytest.mark.parametrize(
    ("week", "reason"),
    [
        ({"pairs": 1700}, "only 1,700 pairs are left of 2,000"),
        ({"rate": 0.21}, "the win rate of all pitches jumps from 0.100 to 0.210"),
        ({"rate": 0.04}, "the win rate of all pitches jumps from 0.100 to 0.040"),
        ({"shifted": 1600}, "would alone move 1,600 of 2,000 multipliers of policy recommended"),
    ],
)
def test_an_unlikely_week_is_held_with_its_reason_until_forced(week: dict[str, Any], reason: str) -> None:
    judge(**week, force=True)

    with pytest.raises(WeekHeld, match=f"2026-W47: .*{reason}.* --force"):
        judge(**week)


def test_a_likely_week_and_a_young_tenant_pass() -> None:
    judge(pairs=1900, rate=0.15, shifted=1000)
    judge(rate=0.9, shifted=2000, pitches=400)


def test_no_force_passes_a_multiplier_that_is_no_number() -> None:
    zeros, counts = np.zeros(1, int), np.zeros(2, int)
    pairs = PairEvidence(
        contacts=ContactBlock([0], [1], np.frombuffer(b"c" * 16, DIGEST)),
        ends=np.array([0, 2]),
        laps=zeros,
        recursions=zeros,
        group=np.arange(2),
        size=np.ones(2, int),
        product=counts,
        settled=Settled(**{field.name: counts for field in fields(Settled)}),
        evidence=no_evidence(2),
        pending=no_evidence(2),
        multiplier=np.full(2, np.nan),
        damped=counts,
        score=np.full(2, np.nan),
        newly_damped=0,
        absorbed=0,
    )
    changes = WeekChanges()
    changes.add(pairs, np.ones(2), np.array([np.nan, 1.0]), None)

    with pytest.raises(WeekHeld, match="1 pairs of policy recommended have no sound multiplier"):
        check_week("2026-W47", "recommended", changes, 0.1, None, force=True)
