"""What another policy would have won, estimated from logged propensities."""
