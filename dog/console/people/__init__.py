"""Who may enter: log-in by OpenID Connect, people and API keys."""
