"""Which numbers of a page are not written as its language writes them."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from playground.texts import Language

# Written by people, models and other programs, not by the page.
NOT_OURS = (
    "code", "pre", "textarea", ".cm-editor",  # settings as a file, and what is typed
    "[dir=auto]", ".pp-answer > div", "#compare-answers", "#train-rows",  # sentences, prompts and answers
    "#verdict-summary details",  # sacrebleu's signatures
    ".min_value", ".max_value",  # the ends of gradio's sliders, whose number field is the browser's
)  # fmt: skip
# What can be seen, and what is read out or shown on a pointer's rest.
VISIBLE = """
(skipped) => {
  const found = [];
  const shown = (element) => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode());) {
    const element = node.parentElement;
    if (!element.closest('script, style, noscript') && !element.closest(skipped) && shown(element))
      found.push(node.data);
  }
  for (const name of ['placeholder', 'title', 'aria-label'])
    for (const element of document.body.querySelectorAll(`[${name}]`))
      if (!element.closest(skipped) && shown(element)) found.push(element.getAttribute(name));
  return found;
}
"""
NUMBER = re.compile(r"(?<![\w.,])(?<!\w-)\d+(?:[.,]\d+)+(?![\w])")  # the 2.0 of Apache-2.0 belongs to a name
RIGHT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+"),
    "pt": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|\d+,\d+"),
}
EITHER_WAY = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # 2.049 is two thousand here and two there


def numbers_with_marks(page: Page) -> set[str]:
    """Every number in sight that has a point or a comma."""
    texts: list[str] = page.evaluate(VISIBLE, ", ".join(NOT_OURS))
    return {found for text in texts for found in NUMBER.findall(text)}


def foreign_numbers(page: Page, language: Language) -> list[str]:
    """Those that `language` does not write so; what could be read either way is not among them."""
    return sorted(found for found in numbers_with_marks(page) if not RIGHT[language].fullmatch(found))


def ambiguous_numbers(page: Page) -> set[str]:
    """Those that only their page's twin in the other language tells right from wrong."""
    return {found for found in numbers_with_marks(page) if EITHER_WAY.fullmatch(found)}


def swapped(numbers: set[str]) -> set[str]:
    """The same numbers in the marks of the other language."""
    return {number.translate(str.maketrans(".,", ",.")) for number in numbers}
