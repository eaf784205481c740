"""The inbox: a rep's queue of contacts, the list of each, and what the rep does with it."""
