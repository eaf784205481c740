"""Runs: evaluations, searches of settings, proofs and the other computations of a tenant; and shadow lists."""
