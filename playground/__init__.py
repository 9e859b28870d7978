"""PEFT Playground: see parameter-efficient fine-tuning work."""

import logging

__version__ = "0.1.0"

# On some processors bitsandbytes recommends a package that fetches compiled code from the Hub. It works without.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
