"""Data files of more rows than are held at once: read, checked and shuffled while training goes on."""
