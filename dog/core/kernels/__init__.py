"""Loops over options, compiled by numba: the arithmetic of lists, for one contact or many."""
