"""What accepts, discards and restructures do to the options of the next list."""
