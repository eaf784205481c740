"""Rows from elsewhere than a file: queries of a database, messages of Kafka."""
