"""The page of data: loads, freshness of models, quarantine, upload of files."""
