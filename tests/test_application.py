import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ASK = """
from werkzeug.test import Client

from dog.application import app, runtime

client = Client(app)
for path in ("/v1/policies/recommended/versions", "/v1/policies/schema", "/docs/errors", "/"):
    print(path, client.get(path).status_code)
runtime.close()
"""


def test_the_application_finds_all_its_files_in_a_folder_that_has_none(tmp_path: Path) -> None:
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DOG_AUTH": "off"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, env=own, capture_output=True, text=True, check=True
    )

    assert dict(line.split() for line in done.stdout.splitlines()) == {
        "/v1/policies/recommended/versions": "200",
        "/v1/policies/schema": "200",
        "/docs/errors": "200",
        "/": "302",
    }


def test_no_test_process_imports_the_application_which_would_open_the_data_of_this_checkout() -> None:
    assert "dog.application" not in sys.modules
