"""Operations: rate limits, keys, log-in, metrics, diagnosis, webhooks."""
