"""Translation models in the forms of other engines."""
