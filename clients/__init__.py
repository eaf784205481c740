"""What clients are made with."""
