"""What keeps the service well: who may ask how often, what is wrong, who is told."""
