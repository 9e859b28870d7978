"""Every call that a front end may make; page, command line and HTTP API share it.

Nothing here imports torch at import time: the page is up before the libraries load.
"""

from __future__ import annotations

from playground.service.access import Access
from playground.service.compare import CompareCalls
from playground.service.data import TokenPreview
from playground.service.export import ExportCalls
from playground.service.inside import InsideCalls
from playground.service.lessons.calls import LessonCalls
from playground.service.precision import PrecisionCalls
from playground.service.preflight import PreflightCalls
from playground.service.runs import Progress
from playground.service.translate import TranslateCalls
from playground.service.verdict import VerdictCalls

__all__ = ["Access", "Playground", "Progress", "TokenPreview"]


class Playground(
    PreflightCalls, LessonCalls, CompareCalls, TranslateCalls, VerdictCalls, PrecisionCalls, InsideCalls, ExportCalls
):  # fmt: skip
    """The whole product behind its front ends. One object per process."""
