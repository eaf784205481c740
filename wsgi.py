"""`wsgi:app` for any WSGI server in a checkout; where the package is installed, `dog.application:app` is the same."""

from dog.application import app, runtime, served, stopping

__all__ = ["app", "runtime", "served", "stopping"]
