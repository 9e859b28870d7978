"""`python -m playground`: the command line."""

from __future__ import annotations

import signal
import sys

from playground import join_freed_memory

if __name__ == "__main__":
    join_freed_memory()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing half-written is left, as after Ctrl-C

    from playground.cli.main import main

    sys.exit(main())
