from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.consolidation import METHODS
from dog.core.kernels.score import ORDER
from dog.core.pipeline import PolicyPlan, RankInputs, Targets, score_options
from dog.core.rulebook.apply_rules import RuleColumns
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.rulebook import Rulebook
from dog.core.verdicts.verdict_multipliers import VerdictMultipliers
from tests.core.kernels import oracles
from tests.core.kernels.random_plans import random_consolidator, random_scores

NO_COLUMNS = RuleColumns(
    today=date(2026, 11, 20),
    attributes={},
    context={},
    history=np.zeros((0, 0)),
    event_counts=np.zeros((0, 0), np.int64),
)


def random_plan(random: np.random.Generator, method: str) -> PolicyPlan:
    consolidator = random_consolidator(random, method)
    names = ["consolidated", *(model.name for model in consolidator.models)]
    return PolicyPlan(
        consolidator=consolidator,
        targets=Targets(*(str(random.choice(names)) for _ in range(3))) if random.random() < 0.7 else Targets(),
        on_odds=bool(random.random() < 0.5),
        clamp=(0.4, 1.6) if random.random() < 0.5 else (0.0, np.inf),
        rulebook=Rulebook(()),
        products=Frame(1),
    )


def random_inputs(random: np.random.Generator, models: int) -> RankInputs:
    starts = np.cumsum([0, *random.integers(0, 8, int(random.integers(1, 5)))])
    options, contacts = int(starts[-1]), len(starts) - 1
    factors = random.choice([0.3, 1.0, 1.0, 2.5], (5, options))
    return RankInputs(
        k=3,
        starts=starts,
        products=np.zeros(options, np.int64),
        tie_order=np.arange(options),
        raw=random_scores(random, models, options),
        performance=factors[0],
        order_odds=factors[4] if random.random() < 0.5 else None,
        verdicts=VerdictMultipliers(
            streak=factors[1], market=factors[2], business=factors[3], snoozed_until_ms=np.zeros(options, np.int64)
        ),
        rationales=random.choice([0.5, 1.0, 2.0], (models, contacts)) if random.random() < 0.5 else None,
        available=np.ones(options, bool),
        rule_columns=NO_COLUMNS,
    )


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 2**32 - 1))
def test_all_factors_are_those_of_whole_arrays(method: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    plan = random_plan(random, method)
    inputs = random_inputs(random, len(plan.models))
    found, expected = score_options(plan, inputs), oracles.scored(plan, inputs)

    oracles.assert_same(found.factors[ORDER], expected.pop("order"))
    for name, values in expected.items():
        oracles.assert_same(getattr(found, name), values)
