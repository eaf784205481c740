"""The weekly job `meta`: each part of a tenant stays on the best setting that its own history proves.

| part | what it does |
|---|---|
| models | fits the reference models again if there are newer transactions; a worse one than that in use is refused |
| start | fits the model `start`, proves it by number of events, switches on what is proved |
| stacking | fits the consolidation of every policy to the outcomes of pitches that the models had not seen |
| settings | names what is active; `jobs steer` proves safer settings, `jobs tune` searches others |

A part with too little data is left as it is, and the others continue. `jobs train` runs the same parts by hand.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dog.core.policy.policy_settings import START
from dog.errors import NotReady
from dog.models.replacement_check import YARDSTICKS
from dog.models.train import REFERENCE_MODELS, TrainedModel
from dog.offline.held_out_scores import hold_out, hold_out_start
from dog.offline.history.read_history import read_transactions
from dog.offline.meta_due import META
from dog.offline.train_models import NO_TRANSACTIONS, as_of_last, gains_of, models_to_refit, train_models
from dog.offline.train_start import train_start
from dog.services.background_job import recorded
from dog.services.job_lease import Lease
from dog.services.operations.consolidation_findings import describe_consolidations
from dog.services.policies.policy_store import read_active_policies
from dog.services.run_records import fingerprint, keep_run
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.services.start_proof import describe_proof, figures_of, gains_of_auc, read_proof
from dog.services.svg_charts import sketch_bars
from dog.services.weekly.fit_policies import HoldOut, refresh_consolidation
from dog.storage.audit_log import acting_name
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_fits
from dog.storage.job_log import Job, new_job_id
from dog.storage.store import Store

Report = Callable[[float, str], None]
SHARES = {"models": (0.0, 0.6), "start": (0.6, 0.3), "stacking": (0.9, 0.1)}
"""Where each part's progress begins in that of the job, and how much of it it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a run did: a sentence a part, and the reference models that were fitted."""

    parts: Mapping[str, str]
    models: Sequence[TrainedModel]


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run of the parts, in order."""

    runtime: Runtime
    runner: Runner
    store: Store
    seed: int
    force: bool
    by_hand: bool
    report: Report
    transactions: pd.DataFrame
    parts: dict[str, str] = field(default_factory=dict)
    models: list[TrainedModel] = field(default_factory=list)

    def fit_models(self) -> str:
        """Fit the reference models: all by hand, else those with newer transactions."""
        names = REFERENCE_MODELS if self.by_hand else models_to_refit(self.store, self.transactions)
        report = self.progress("models")
        self.models = train_models(
            self.runner, self.store, self.transactions, names, self.seed, report, force=self.force
        )
        return "; ".join(map(_describe_model, self.models)) or "none could be fitted"

    def fit_start(self) -> str:
        """Fit and prove the model start."""
        proved = train_start(self.runtime, self.store, self.progress("start"), self.runner)
        return describe_proof(None if proved is None else proved.to_document())

    def fit_stacking(self) -> str:
        """Fit how policies pool their models, on scores that had not seen the outcomes."""
        if not read_models(self.store):
            return "no model has scores yet"
        self.progress("stacking")(0.0, "fitting policies")
        names = [model.name for model in self.models if not model.refused]
        parts: list[HoldOut] = []
        if names:
            parts.append(hold_out(self.store, names, self.transactions, as_of_last(self.transactions), self.seed))
        if self._is_start_stacked():
            names.append(START)
            parts.append(hold_out_start(self.store, self.runtime.clock()))
        refresh_consolidation(
            self.runner,
            self.store,
            self.runtime.clock(),
            lambda past: {name: found for part in parts for name, found in part(past).items()},
        )
        return f"fitted to outcomes of pitches; held-out scores of: {', '.join(names) or 'no model'}"

    def _is_start_stacked(self) -> bool:
        policies = [policy for _, policy in read_active_policies(self.store).values()]
        return START in read_models(self.store) and any(START in policy.primary_models for policy in policies)

    def attempt(self, name: str, work: Callable[[], str]) -> None:
        """Do one part; where its data are too few it stays as it is, and that is said."""
        try:
            self.parts[name] = work()
        except NotReady as error:
            self.parts[name] = f"left as it is: {error.message}"

    def progress(self, name: str) -> Report:
        """Return the report of one part."""
        start, share = SHARES[name]
        return lambda done, text: self.report(start + share * done, f"{name}: {text}")


def learn(
    runtime: Runtime,
    tenant: str,
    *,
    seed: int = 0,
    force: bool = False,
    by_hand: bool = False,
    report: Report = lambda _share, _text: None,
    runner: Runner | None = None,
) -> Learned:
    """Run all parts, and record the run, as `meta` or, by hand, as `train`; by whichever runner with the same result.

    By hand all reference models are fitted, with `force` also those taken that are worse. Raises `Conflict` where
    another process is doing it, and by hand `NotReady` where there is nothing to learn from.
    """
    store, started_ms, runner = runtime.store(tenant), runtime.clock(), runner or LocalRunner(runtime)
    job = Job(job_id=new_job_id(), name=META, state="queued", created_at_ms=started_ms, by=acting_name())
    with (
        Lease(store, META, runtime.stopping) as lease,
        lease.kept(),
        recorded(runtime, store, lease, job, report) as watched,
    ):
        run = _Run(
            runtime=runtime,
            runner=runner,
            store=store,
            seed=seed,
            force=force,
            by_hand=by_hand,
            report=watched,
            transactions=read_transactions(runner, store),
        )
        run.attempt("models", run.fit_models)
        run.attempt("start", run.fit_start)
        proof = read_proof(store)
        if by_hand and run.transactions.empty and proof is None:
            raise NotReady(NO_TRANSACTIONS, code="no_transactions")
        run.attempt("stacking", run.fit_stacking)
        run.parts |= _settings_in_force(store)
        figures = {f"{model.name}.{name}": value for model in run.models for name, value in model.quality.items()}
        keep_run(
            runtime,
            tenant,
            "train" if by_hand else META,
            started_ms=started_ms,
            settings={"force": force},
            data=_fingerprint(run.transactions, read_models(store).get(START, {}).get("data", "")),
            seed=seed,
            metrics=figures | figures_of(proof),
            outcome="; ".join(f"{name}: {says}" for name, says in run.parts.items()),
            files=_charts(run.models, gains_of_auc(proof)),
        )
    report(1.0, "done")
    return Learned(parts=run.parts, models=run.models)


def _settings_in_force(store: Store) -> dict[str, str]:
    """Return for each active policy what its consolidation rests on, the part of the model start, and who steers it."""
    active = read_active_policies(store)
    policies = {name: policy for name, (_, policy) in active.items()}
    found = {}
    for name, consolidation, _ in describe_consolidations(policies, read_fits(store)):
        settings = policies[name].models.get(START)
        role = "not used" if settings is None else settings.role or f"weight {settings.weight:g}"
        steers = "jobs steer may change it" if policies[name].reinforcement.self_steer else "only people change it"
        found[f"policy {name}"] = f"version {active[name][0]}, {consolidation}; start {role}; {steers}"
    return found


def _describe_model(model: TrainedModel) -> str:
    if model.refused:
        return f"{model.name}: the old scores stay, {model.refused}"
    yardstick = YARDSTICKS[model.name]
    if yardstick.figure not in model.quality:
        return f"{model.name}: taken, not measured"
    figure, naive = model.quality[yardstick.figure], model.baseline[yardstick.naive]
    return f"{model.name}: taken, {yardstick.figure} {figure:.4g}, naive {naive:.4g}"


def _charts(models: Sequence[TrainedModel], of_start: Mapping[str, float]) -> dict[str, bytes]:
    """Draw what there are figures of."""
    drawn = {
        "gain.svg": ("better than the naive answer by, %", gains_of(models)),
        "start.svg": ("start: AUC gained over popularity by number of events, in 1/10,000", of_start),
    }
    return {name: sketch_bars(title, bars) for name, (title, bars) in drawn.items() if bars}


def _fingerprint(transactions: pd.DataFrame, events: str) -> str:
    rows = pd.util.hash_pandas_object(transactions, index=False).to_numpy()
    return fingerprint(np.sort(rows), events)
