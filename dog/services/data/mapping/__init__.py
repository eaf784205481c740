"""Files as people have them, mapped to the contract's columns, values, numbers and times."""
