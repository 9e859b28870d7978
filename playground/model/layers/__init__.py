"""What is switched in a base's own layers, beside any adapter."""
