"""What an analyst's rules mean: the condition language and one small file for each effect."""
