"""When things run; what they do is in `dog/services/`."""
