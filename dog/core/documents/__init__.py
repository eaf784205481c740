"""Tables of a JSON-like document: read strictly, checked, written and described by one declaration of their fields."""
