"""HTTP: parse, call one service, present."""
