"""Models in the forms of other engines."""
