"""The service for any WSGI server: `granian --interface wsgi wsgi:app` or `gunicorn wsgi:app`."""

from dog.api.app import create_app
from dog.bootstrap import build_house

app = create_app(build_house())
