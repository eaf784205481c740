"""A request's way: read, weigh, rank, write the receipt; and how such a list is made again or explained."""
