"""Forward and backward passes with fewer operations than the libraries', a file each."""
