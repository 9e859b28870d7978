"""A run on disk, and one whole run: its folder, its claim, its end, and the session that trains it."""
