"""From a file to batches: read, check, encode, batch."""
