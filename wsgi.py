"""The service: `wsgi:app` for any WSGI server, `wsgi:served` for `granian --interface rsgi`, as `dog serve` runs it."""

import gc

from dog.api.app import create_app
from dog.api.buffered import buffered, in_one_piece
from dog.api.tracing import trace_requests
from dog.bootstrap import build_house
from dog.console.mount import PLACE, mount_console

house = build_house()
pages = mount_console(trace_requests(create_app(house)), house)
app = in_one_piece(pages)
served = buffered(pages, beside=PLACE)
gc.freeze()  # what stands by now lives as long as the process: the slowest lists waited for it to be looked through
