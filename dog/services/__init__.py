"""Use cases as verbs: the only place where storage and core meet."""
