"""The client made from the OpenAPI document: typed, and it drives the running service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clients.make_client import make_client
from tests.fuzz.__main__ import running_service

ROOT = Path(__file__).parent.parent
USE = """
import sys
from datetime import UTC, datetime

from dog_client import AuthenticatedClient
from dog_client.api.feedback import post_v1_feedback
from dog_client.api.recommendations import post_v1_recommendations
from dog_client.models import (
    Decision, FeedbackAnswer, FeedbackEvent, FeedbackEventType, FeedbackRequest, Problem, RecommendationRequest
)

with AuthenticatedClient(base_url=sys.argv[1], token="any") as client:
    decision = post_v1_recommendations.sync(client=client, body=RecommendationRequest(contact_id="c1", k=2))
    assert isinstance(decision, Decision)
    assert [item.rank for item in decision.items] == [1, 2]

    accept = FeedbackEvent(
        event_id="by-client", type_=FeedbackEventType.ACCEPT, contact_id="c1",
        product_id=decision.items[0].product_id, occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
        decision_id=decision.decision_id,
    )
    answer = post_v1_feedback.sync(client=client, body=FeedbackRequest(events=[accept]))
    assert isinstance(answer, FeedbackAnswer)
    assert answer.accepted == 1

    problem = post_v1_recommendations.sync(client=client, body=RecommendationRequest(contact_id="nobody"))
    assert isinstance(problem, Problem)
    assert (problem.status, problem.code) == (404, "unknown_contact")
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_generated_client_recommends_feeds_back_and_reads_errors(tmp_path: Path) -> None:
    make_client(tmp_path / "client")
    (tmp_path / "use.py").write_text(USE, "utf-8")
    (tmp_path / "data").mkdir()
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "client"), "MYPYPATH": str(tmp_path / "client")}
    typed = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "use.py"]
    checked = subprocess.run(typed, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    with running_service(tmp_path / "data") as url:
        command = [sys.executable, "use.py", url]
        used = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert used.returncode == 0, used.stderr
    assert checked.returncode == 0, checked.stdout
