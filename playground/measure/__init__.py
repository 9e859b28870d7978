"""Scores and side-by-side comparison."""
