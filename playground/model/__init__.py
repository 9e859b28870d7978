"""Base models: load, adapt, generate."""
