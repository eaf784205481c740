"""How recommendations do: cohorts of pitches, the funnel of lists, the largest moves, the last month in figures."""
