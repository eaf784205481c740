"""Feedback: parse events, record each once, and answer with their effects."""
