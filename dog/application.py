"""The service: `app` for any WSGI server, `served` for `granian --interface rsgi`, as `dog serve` runs it."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

gc.disable()  # until all is loaded: 0.77 s of processor time instead of 0.82 (median of 25 imports, in turns)

with ThreadPoolExecutor(2) as background:
    from dog.bootstrap import build_runtime
    from dog.process_setup import REQUEST_SECONDS

    building = background.submit(
        build_runtime, timeout_seconds=REQUEST_SECONDS
    )  # Redis starts while Python imports the rest
    from dog.kernels import load_kernels

    loading = background.submit(load_kernels)  # compiled code is loaded while this process waits for Redis

    from dog.api.app import create_app
    from dog.api.list_route import answer_list
    from dog.api.rsgi_adapter import as_rsgi, in_one_chunk
    from dog.api.tracing import trace_requests
    from dog.console import MOUNT_PATH
    from dog.console.mount import mount_console

    runtime = building.result()
    loading.result()

routes = create_app(runtime)
if runtime.settings.auth == "off":
    runtime.store("default", create=True)  # with authentication on, its first key creates a tenant
pages = mount_console(trace_requests(routes), runtime)
app = in_one_chunk(pages)
stopping = threading.Event()
"""Set by `dog serve` before it stops this process."""
served = as_rsgi(
    pages,
    slow_paths=(MOUNT_PATH, "/v1/recommendations/batch", "/v1/recommendations/contacts"),
    answer_list=partial(answer_list, routes),
    stopping=stopping,
)

gc.freeze()  # modules and routes live as long as the process: collecting them again and again delays requests
gc.enable()
