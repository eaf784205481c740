"""The policy studio: rules, weights and learning in one draft: checked, previewed, proved, published."""
