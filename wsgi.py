"""The service: `wsgi:app` for any WSGI server, `wsgi:served` for `granian --interface rsgi`, as `dog serve` runs it."""

from dog.api.app import create_app
from dog.api.buffered import buffered
from dog.bootstrap import build_house

app = create_app(build_house())
served = buffered(app)
