"""The console: pages for reps and analysts, in the same process as the API."""

MOUNT_PATH = "/console"
