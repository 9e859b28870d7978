"""Where a model's files come from, and which file a base is."""
