"""The pure core: arrays in, arrays out."""
