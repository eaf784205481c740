"""Back-fill of history: feedback of a file split by partition, claimed, and written contact by contact."""
