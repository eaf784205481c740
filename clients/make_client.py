"""`make client`: write a typed Python client, made from the service's own OpenAPI document, to dist/python-client."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from dog.api.app import create_app
from dog.config import read_settings

HERE = Path(__file__).parent
OUT = HERE.parent / "dist" / "python-client"


def read_document() -> Any:
    """Read the document as the service would serve it; no Redis is asked for it."""
    runtime = SimpleNamespace(settings=read_settings({}))
    return create_app(cast("Any", runtime)).test_client().get("/openapi.json").json


def make_client(out: Path) -> None:
    """Write the client to a folder, replacing what is there; raise CalledProcessError if the generator fails."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(read_document()), "utf-8")
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--overwrite", "--fail-on-warning"]
        paths = ["--path", str(document), "--config", str(HERE / "python.yaml"), "--output-path", str(out)]
        subprocess.run([*command, *paths], check=True)  # noqa: S603  # our own command


if __name__ == "__main__":
    make_client(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
