"""The past as arrays: pitches with their outcomes, streaks, laps, kept decisions, transactions."""
