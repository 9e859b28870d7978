"""Training: the loop, its events, and one whole run."""
