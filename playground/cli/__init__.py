"""The command line: the same core as the page, from a file and without a browser."""
