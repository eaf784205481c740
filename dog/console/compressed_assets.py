"""Scripts and styles, packed once and kept: a first visit fetches a quarter of the bytes."""

import gzip

from flask import Flask, Response, request

LASTING = ("/assets/", "/_dash-component-suites/")
"""Files that are the same for everybody."""
LEAST_BYTES = 1000
A_YEAR = "max-age=31536000, immutable"


def register_packing(app: Flask) -> None:
    """Send files gzipped to whoever takes them so; let browsers keep those whose address carries their version."""
    packed: dict[str, bytes] = {}

    @app.after_request
    def pack(answer: Response) -> Response:
        if not request.path.startswith(LASTING) or answer.status_code != 200:
            return answer
        if "m" in request.args:
            answer.headers["Cache-Control"] = A_YEAR
        answer.vary.add("Accept-Encoding")
        if request.method != "GET" or request.accept_encodings["gzip"] <= 0:
            return answer
        answer.direct_passthrough = False
        plain, tag = answer.get_data(), answer.get_etag()[0] or ""
        if len(plain) < LEAST_BYTES:
            return answer
        at = f"{request.path} {tag}"
        if at not in packed:
            packed[at] = gzip.compress(plain)
        answer.set_data(packed[at])
        answer.content_encoding = "gzip"
        if tag:
            answer.set_etag(tag, weak=True)
        return answer
