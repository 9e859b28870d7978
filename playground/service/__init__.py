"""Every call that a front end may make; page, command line and HTTP API share it.

Nothing here imports torch at import time: the page is up before the libraries load.
"""

from __future__ import annotations

from playground.service.access import Access
from playground.service.measuring import Measuring
from playground.service.preparing import Preparing, TokenPreview
from playground.service.running import Progress, Running

__all__ = ["Access", "Playground", "Progress", "TokenPreview"]


class Playground(Preparing, Running, Measuring):
    """The whole product behind its front ends. One object per process."""
