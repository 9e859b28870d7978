"""A run as a program of plain transformers and PEFT, short enough to be read, and as a notebook of the same."""
