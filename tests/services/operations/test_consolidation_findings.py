from dataclasses import replace

from dog.core.consolidation_fit import ConsolidationFit, FittedModel
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.services.operations.consolidation_findings import describe_consolidations

MODEL = FittedModel(
    axis="log", lower_is_better=False, slope=1.0, intercept=-2.0, centre=0.0, coefficient=0.8, pitches=900, gain=40.0
)
IDLE = replace(MODEL, coefficient=0.1, gain=-6.4)
POLICY = Policy(name="recommended", models={"cf": ModelSettings(), "idle": ModelSettings()})


def describe(fit: ConsolidationFit | None, policy: Policy = POLICY) -> tuple[str, str | None]:
    fits = {} if fit is None else {policy.name: fit}
    ((name, says, fix),) = describe_consolidations({policy.name: policy}, fits)
    assert name == policy.name
    return says, fix


def fit(**more: object) -> ConsolidationFit:
    known = ConsolidationFit(models={"cf": MODEL, "idle": IDLE}, intercept=-2.5, pitches=900, wins=80)
    return replace(known, **more)  # type: ignore[arg-type]


def test_a_model_without_which_the_outcomes_are_explained_better_is_named() -> None:
    says, fix = describe(fit())

    assert "cf 0.80, idle 0.10" in says
    assert fix is not None
    assert "weight of idle to 0" in fix


def test_a_fit_to_todays_scores_says_that_they_may_know_the_outcomes() -> None:
    assert "may know the outcomes" in describe(fit(basis="current"))[0]


def test_before_there_is_a_fit_what_is_missing_is_told() -> None:
    assert "no settled pitches" in describe(None)[0]
    assert "900 settled pitches with scores, 12 won; fits need 300 and 30" in describe(fit(intercept=None, wins=12))[0]


def test_a_policy_that_pools_by_its_weights_alone_names_no_model() -> None:
    says, fix = describe(fit(), replace(POLICY, consolidation="mean"))

    assert says.startswith("mean; fitted to 900 pitches")
    assert fix is None
