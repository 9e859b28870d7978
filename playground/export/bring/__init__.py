"""An adapter from elsewhere becomes a run: taken apart, checked against its base, measured once, and kept."""
