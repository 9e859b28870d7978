"""PEFT Playground: see parameter-efficient fine-tuning work."""

__version__ = "0.1.0"
