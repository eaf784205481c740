"""Recorded answers: a fixed world is played against a checkout, and every answer is compared with the recorded one."""
