"""A proof is started from the page, and its outcome shown."""

from collections.abc import Callable

from flask.testing import FlaskClient

from dog.offline.proof.prove_in_background import JOB
from dog.services.publishing.publish_policy import show_policy
from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.job_log import Job, put_job
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

Open = Callable[..., FlaskClient]


def test_a_proof_that_lacks_history_says_so(log_in: Open, runtime: Runtime) -> None:
    client = log_in()
    form = {"policy": "recommended", "text": 'name = "recommended"\n'}
    text = client.post("/console/rules/prove", data=form, headers=ORIGIN).text
    while "every 2s" in text:
        text = client.get("/console/rules/proof?policy=recommended").text
    acts = [entry["act"] for _, entry in read_audit_entries(runtime.redis, "default", limit=10)]

    assert "The proof could not be made." in text
    assert "job.prove" in acts


def test_the_last_proof_is_shown_with_its_figures(log_in: Open, runtime: Runtime, shop: Store) -> None:
    champion, _document = show_policy(runtime, "default", "recommended")
    parameters = {"challenger": "c" * 16, "champion": champion, "against": "recommended"}
    put_job(shop, Job(job_id="j", name=JOB, state="done", created_at_ms=runtime.clock(), parameters=parameters))
    proof = KeptProof(proved=True, at_ms=runtime.clock(), sentence="log loss 0.30 against 0.31")
    keep_proof(shop, "c" * 16, champion, proof)
    text = log_in().get("/console/rules/proof?policy=recommended").text

    assert "At least as good" in text
    assert "log loss 0.30 against 0.31" in text


def test_a_draft_with_errors_and_a_key_without_the_scope_start_nothing(log_in: Open) -> None:
    form = {"policy": "recommended", "text": "rules = ["}

    assert log_in().post("/console/rules/prove", data=form, headers=ORIGIN).status_code == 422
    assert log_in("read").post("/console/rules/prove", data=form, headers=ORIGIN).status_code == 403
