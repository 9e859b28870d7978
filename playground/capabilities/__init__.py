"""What the pinned libraries can do, tried out rather than read about; the results are kept in assets/methods/."""
