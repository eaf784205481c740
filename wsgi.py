"""The service: `wsgi:app` for any WSGI server, `wsgi:served` for `granian --interface rsgi`, as `dog serve` runs it."""

import gc
from concurrent.futures import ThreadPoolExecutor

from dog.lean_imports import lean_imports

with lean_imports(), ThreadPoolExecutor(1) as beside:
    from dog.bootstrap import build_runtime

    coming = beside.submit(build_runtime)  # Redis starts while Python reads the rest

    from dog.api.app import create_app
    from dog.api.buffered_bodies import buffered, in_one_piece
    from dog.api.tracing import trace_requests
    from dog.console.mount import PLACE, mount_console

    runtime = coming.result()
    routes = create_app(runtime)

pages = mount_console(trace_requests(routes), runtime)
app = in_one_piece(pages)
served = buffered(pages, beside=PLACE)
gc.freeze()  # what stands by now lives as long as the process: the slowest lists waited for it to be looked through
