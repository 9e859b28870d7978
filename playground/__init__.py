"""PEFT Playground: see parameter-efficient fine-tuning work."""

import logging
import os
import sys
import warnings

__version__ = "0.1.0"

# On some processors bitsandbytes recommends a package that fetches compiled code from the Hub. It works without.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

# PEFT asks transformers for a property by its old name; nobody who trains can do anything about that.
warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)

# How long one of PyTorch's threads watches for the others before it sleeps. The library's own 300 000 rounds assume a
# machine without other work: beside a browser, threads watch while those they wait for are not given a core.
# With 1000, training is as fast on a quiet machine, and faster on a busy one (decision 9). Read when torch loads.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# Compiled matrix products that are kept for the shapes they were made for: a quarter of a megabyte each, once in oneDNN
# and once in PyTorch's own cache of it. Their 1024 would be half a gigabyte, and every batch of another length brings
# some 25 of them; 128 hold those of five lengths, and one that was dropped is made again in less than a millisecond
# (decision 21). Read when torch loads.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
os.environ.setdefault("LRU_CACHE_CAPACITY", "128")

# Nothing here is compiled (decision 3), but bitsandbytes would load PyTorch's compiler to wrap four functions in it:
# 540 modules, a fifth of what the first run waits for. Read when they are wrapped.
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")


TCACHE = "glibc.malloc.tcache_count"


def join_freed_memory() -> None:
    """Start this program anew, in the same process, with a heap that joins what is freed. Does so for glibc's alone.

    torch asks for memory on borders of 64 bytes. What glibc cuts off beside a tensor for that, it keeps apart for the
    next small request (its tcache), where it counts as in use: the tensor's place is never joined with its neighbours',
    and the next one of that size does not fit in. Such holes were a quarter of a run's heap, and up to half of a QLoRA
    run's memory (decision 38). glibc reads the setting before a program's first line: call this before anything slow
    is imported.
    """
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    if _is_glibc() and TCACHE not in tunables:
        os.environ["GLIBC_TUNABLES"] = ":".join(filter(None, [tunables, f"{TCACHE}=0"]))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _is_glibc() -> bool:
    name = "CS_GNU_LIBC_VERSION"
    return sys.platform == "linux" and name in os.confstr_names and (os.confstr(name) or "").startswith("glibc")
