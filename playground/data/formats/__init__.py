"""One file a format: each reads the content of a data file into rows that know their place."""
