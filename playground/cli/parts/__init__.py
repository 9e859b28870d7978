"""What several commands do in one way: their options, what they print, the run files they read."""
