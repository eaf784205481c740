"""The proof of a draft: started here, shown while it runs; the last result that is kept."""

from flask import Blueprint, render_template, request

from dog.console.job_words import is_under_way
from dog.console.policies.policy_draft import read_draft
from dog.console.session import require, runtime, tenant
from dog.console.texts import N_
from dog.offline.proof.prove_in_background import JOB, prove_in_background
from dog.storage.job_log import list_jobs
from dog.storage.proofs import proofs_required, read_proof

STATES = {
    "queued": N_("The proof waits to start."),
    "running": N_("The proof runs on past weeks; this takes minutes."),
    "done": N_("The proof is done."),
    "failed": N_("The proof could not be made."),
    "stopped": N_("The proof was stopped."),
    "lost": N_("The process that made the proof ended; start it again."),
}

routes = Blueprint("policy_proofs", __name__)


@routes.post("/rules/prove")
def prove() -> str:
    """Start the proof of the draft against the live version."""
    require("admin")
    draft = read_draft()
    prove_in_background(runtime(), tenant(), draft.text.encode(), draft.policy)
    return _show(draft.policy)


@routes.get("/rules/proof")
def show_proof() -> str:
    """Show the last proof against a policy, and its state."""
    require("admin")
    return _show(request.args.get("policy", ""))


def _show(policy: str) -> str:
    store = runtime().store(tenant())
    against = (one for one in list_jobs(store) if one.name == JOB and one.parameters.get("against") == policy)
    job = next(against, None)
    is_running = job is not None and is_under_way(job)
    kept = None
    if job is not None and not is_running:
        kept = read_proof(store, job.parameters["challenger"], job.parameters["champion"])
    return render_template(
        "policy_proof.html",
        policy=policy,
        job=job,
        is_running=is_running,
        kept=kept,
        states=STATES,
        required=proofs_required(store),
    )
