"""What axe finds on a page, and how far its colours stand apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
# WCAG 2.2 AA, and what axe counts as good practice: landmarks, the order of headings.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """Everything that axe holds against what the page shows now, whatever weight it gives it."""
    page.evaluate("scrollTo(0, 0)")  # a bar that stays in view half covers a row under it, wherever the page stands
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def contrasts(page: Page, selector: str, colour: str) -> list[float]:
    """Of each visible element's `colour` (a property of its computed style) with what lies behind it."""
    page.evaluate(CONTRAST)
    visible = page.locator(selector).locator("visible=true")
    ratios: list[float] = visible.evaluate_all(
        "(elements, colour) => elements.map((element) => contrastOf(element, colour))", colour
    )
    return ratios
