"""Files that are the same for every user: their versioned addresses, gzip and caching."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request, url_for

from dog.console.session import ASSET_PATHS

FOLDER = Path(__file__).parent / "static"
MIN_GZIP_BYTES = 1000
ONE_YEAR = "max-age=31536000, immutable"


def asset_url(name: str) -> str:
    """Return the address of a static file, with a version that changes with its content."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def register_static_compression(app: Flask) -> None:
    """Compress each asset once and keep it; let browsers cache those whose URL carries their version."""
    compressed: dict[str, bytes] = {}

    @app.after_request
    def compress(answer: Response) -> Response:
        if not request.path.startswith(ASSET_PATHS):
            return answer
        answer.direct_passthrough = False
        plain, tag = answer.get_data(), answer.get_etag()[0] or ""
        answer.close()  # the file: not every server closes it where the client is gone
        if answer.status_code != 200:
            return answer
        if "v" in request.args:
            answer.headers["Cache-Control"] = ONE_YEAR
        answer.vary.add("Accept-Encoding")
        if request.method != "GET" or request.accept_encodings["gzip"] <= 0:
            return answer
        if len(plain) < MIN_GZIP_BYTES:
            return answer
        at = f"{request.path} {tag}"
        if at not in compressed:
            compressed[at] = gzip.compress(plain)
        answer.set_data(compressed[at])
        answer.content_encoding = "gzip"
        if tag:
            answer.set_etag(tag, weak=True)
        return answer
