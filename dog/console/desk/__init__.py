"""The desk: how recommendations do, what runs, and what the deployment still needs."""
