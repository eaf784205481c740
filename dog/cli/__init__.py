"""The commands of `dog`: parse, call one service, present."""
