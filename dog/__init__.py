"""DOG, the Decision Option Generator: recommendations that learn from being used."""

__version__ = "0.2.0"
