"""Methods that PEFT computes dearly: a cheaper form of each, one a file."""
