"""What files of weights claim to hold, read by hand before a library believes it."""
