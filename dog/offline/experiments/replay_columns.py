"""Read the history once, as the columns on which settings are tried and policies are compared."""

from collections.abc import Callable

from dog.core.policy.policy import Policy
from dog.errors import NotReady
from dog.offline.evaluation.forward_scores import calibrate_forward
from dog.offline.evaluation.replay import Columns
from dog.offline.experiments.evaluate import REFIT_WEEKS, fingerprint_of, weeks_of
from dog.offline.experiments.forward_models import score_forward
from dog.offline.experiments.read_pitches import read_history
from dog.offline.experiments.read_week_laps import read_week_laps
from dog.services.runtime import Runtime

WEEK_MS = 7 * 86_400_000
LEAST_HELD_OUT = 100


def read_columns(
    runtime: Runtime, tenant: str, policy: Policy, *, seed: int, trust_scores: bool, report: Callable[[float], None]
) -> tuple[Columns, str]:
    """Read all resolved pitches with the forward-walked probability of each model; their fingerprint comes along.

    Raises
    ------
    NotReady
        No week of pitches has come to an end, or no model has scores as old as the pitches.

    """
    store = runtime.store(tenant)
    history = read_history(runtime, store, policy.reinforcement.maturation_days, lambda share: report(share * 0.3))
    weeks, blocks = weeks_of(runtime, history.pitches, REFIT_WEEKS)
    found = score_forward(
        store,
        policy,
        history,
        blocks,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share: report(0.3 + share * 0.6),
    )
    if not found.models:
        why = "; ".join(f"{name}: {text}" for name, text in found.left_out.items())
        raise NotReady(f"no model can be judged on this history: {why}", code="no_forward_scores")
    calibrated = [calibrate_forward(model, history.pitches, blocks) for model in found.models]
    report(1.0)
    pitches = history.pitches
    laps = read_week_laps(store, history.contact_ids, weeks, runtime.settings.zone)
    columns = Columns(pitches, found.models, calibrated, weeks, len(history.product_ids), history.runs, laps)
    return columns, fingerprint_of(history, found.models, laps)


def held_out_from(columns: Columns, weeks: int) -> int:
    """Tell the first instant of the last so many weeks of pitches.

    Raises
    ------
    NotReady
        Too few pitches lie before it or from it on.

    """
    at_ms = columns.pitches.at_ms
    since = int(at_ms.max()) + 1 - weeks * WEEK_MS
    after = int((at_ms >= since).sum())
    if min(after, len(at_ms) - after) < LEAST_HELD_OUT:
        raise NotReady(
            f"{after} pitches lie in the last {weeks} weeks and {len(at_ms) - after} before them; "
            f"at least {LEAST_HELD_OUT} are needed on either side: change --held-out-weeks or load more feedback",
            code="too_few_pitches",
        )
    return since
