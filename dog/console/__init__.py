"""The console: pages for reps and analysts at /console, in the same process as the API."""
