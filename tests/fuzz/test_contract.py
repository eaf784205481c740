"""The API keeps to its own document, whatever is asked: no 5xx, no status, body or error that it does not name."""

from pathlib import Path
from typing import Any

import pytest

from dog.api.app import create_app
from dog.services.runtime import Runtime
from tests.fuzz.__main__ import fuzz


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_thousand_made_up_requests_are_answered_as_the_document_says(tmp_path: Path) -> None:
    assert fuzz(tmp_path, 10, 1, "--phases", "examples,coverage,fuzzing") == 0


def test_every_operation_names_its_answer_and_its_problems(runtime: Runtime) -> None:
    document: Any = create_app(runtime).test_client().get("/openapi.json").json
    operations = [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "put", "post", "delete")
    ]

    assert len(operations) >= 27
    for name, operation in operations:
        answers = operation["responses"]
        told = [status for status in answers if status.startswith("2")]
        assert len(told) == 1, name
        assert answers[told[0]]["content"], name
        assert "default" not in answers, name
        for status in set(answers) - set(told):
            assert name.startswith("get /health") or set(answers[status]["content"]) == {"application/problem+json"}
