"""Data that no file of the user holds: data sets of the Hub, and text that installed packages carry."""
