"""PEFT Playground: see parameter-efficient fine-tuning work."""

import logging
import os

__version__ = "0.1.0"

# On some processors bitsandbytes recommends a package that fetches compiled code from the Hub. It works without.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

# How long one of PyTorch's threads watches for the others before it sleeps. The library's own 300 000 rounds assume a
# machine without other work: beside a browser, threads watch while those they wait for are not given a core.
# With 1000, training is as fast on a quiet machine, and faster on a busy one (decision 9). Read when torch loads.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
