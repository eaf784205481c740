"""All tests. Linear algebra takes one thread, as in the service: a test run has a process for each core."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
