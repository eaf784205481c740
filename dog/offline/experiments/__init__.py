"""Use cases over the history: evaluate, prove, tune, train, compare."""
