"""`python -m playground`: the command line."""

from __future__ import annotations

import sys

from playground import join_freed_memory

if __name__ == "__main__":
    join_freed_memory()

    from playground.cli.main import main

    sys.exit(main())
