"""What the history says: evaluation, proof, search for settings, models, and the record of every run."""
