"""A translator's files: what of them is to be translated, and the files again with the translations in them."""
