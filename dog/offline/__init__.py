"""What serves no list: evaluation, proof, tuning, model training, sample data."""
