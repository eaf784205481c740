"""The floor of the requests benchmark: a bare Flask view, one GET, the same bytes as the service's answer."""

import os

from flask import Flask, Response

from dog.storage.connection import connect

app = Flask("floor")
redis = connect(os.environ["FLOOR_REDIS_URL"])


@app.post("/v1/recommendations")
def answer() -> Response:
    body = redis.get("floor")
    return Response(body, mimetype="application/json")
