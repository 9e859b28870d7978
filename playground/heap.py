"""glibc's heap, made to join what is freed.

torch asks for memory on borders of 64 bytes. What glibc cuts off beside a tensor for that, it keeps apart for the next
small request (its tcache), where it counts as in use: the tensor's place, once freed, is never joined with its
neighbours', and the next tensor of that size does not fit in. Such holes were a quarter of a training run's memory, and
half of QLoRA's (docs/preflight.md).
"""

from __future__ import annotations

import os
import sys

TUNABLE = "glibc.malloc.tcache_count"


def join_freed_memory() -> None:
    """Start this program anew, in the same process, without that cache; nothing where it has none, or is without.

    glibc reads the setting before a program's first line. Call it before anything slow is imported.
    """
    if not _is_glibc() or TUNABLE in os.environ.get("GLIBC_TUNABLES", ""):
        return
    others = os.environ.get("GLIBC_TUNABLES")
    os.environ["GLIBC_TUNABLES"] = ":".join(filter(None, [others, f"{TUNABLE}=0"]))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _is_glibc() -> bool:
    name = "CS_GNU_LIBC_VERSION"
    return sys.platform == "linux" and name in os.confstr_names and (os.confstr(name) or "").startswith("glibc")
