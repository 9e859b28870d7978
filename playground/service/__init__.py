"""Every call that a front end may make; page, command line and HTTP API share it.

Nothing here imports torch at import time: the page is up before the libraries load.
"""

from __future__ import annotations

from playground.service.access import Access
from playground.service.data import Preparing, TokenPreview
from playground.service.runs import Progress, Running
from playground.service.verdict import Measuring

__all__ = ["Access", "Playground", "Progress", "TokenPreview"]


class Playground(Preparing, Running, Measuring):
    """The whole product behind its front ends. One object per process."""
