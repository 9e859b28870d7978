"""What a lesson says: its section of a preset, and the words that it may explain."""
