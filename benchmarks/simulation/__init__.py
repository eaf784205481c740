"""The world, the arms and the weeks of `benchmarks/closed_loop.py`."""
