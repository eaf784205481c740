"""The commands of `python -m dog`: parse, call one service, present."""
