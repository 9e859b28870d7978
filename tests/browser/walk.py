"""Buttons and inputs of the page as a visitor finds them: what can be seen can be pressed, typed into, chosen."""

from __future__ import annotations

import random

from playwright.sync_api import ElementHandle, Error, Page, expect

from tests.browser.conftest import PATIENCE

PAIRS = (
    "compare",
    "translate",
    "verdict",
    "quant",
    "lr",
    "inside",
    "inside-advice",
    "inside-weights",
    "inside-answers",
    "inside-layers",
    "inside-prompt",
    "export",
    "verify",
    "bring",
)  # ids of their buttons: #verdict-start, #verdict-stop
# The buttons of every pair as before a start; a pair whose tab was never opened is not there.
IDLE = """pairs => pairs.every(name => {
    const [start, stop] = ["start", "stop"].map(end => document.getElementById(`${name}-${end}`));
    return !start || (!start.disabled && stop.disabled);
})"""
# Every message that the page has shown, kept as it comes: messages go by themselves.
KEEP_MESSAGES = """() => {
    window.messages = [];
    const seen = new WeakSet();
    new MutationObserver(() => {
        for (const box of document.querySelectorAll("[data-testid=toast-text]")) {
            if (!seen.has(box)) window.messages.push(box.innerText);
            seen.add(box);
        }
    }).observe(document.body, { childList: true, subtree: true });
}"""
BUTTON = "button.lg, button.md, button.sm"
EMPTY = """() => {
    const isSeen = it => it.checkVisibility() && !it.disabled;
    const seen = selector => [...document.querySelectorAll(selector)].filter(isSeen);
    const clear = box => {
        const kind = box.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
        box.focus();
        Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(box, "");
        for (const name of ["input", "change"]) box.dispatchEvent(new Event(name, { bubbles: true }));
        box.blur();
    };
    seen("input[type=checkbox]:checked").forEach(it => it.click());
    seen(".token-remove").forEach(it => it.click());
    seen("textarea, input[type=text]:not([role]), input[type=number]").forEach(clear);
}"""
NAME = "it => it.id || it.getAttribute('aria-label') || it.closest('label')?.innerText || it.innerText"
PICK = """([selector, share]) => {
    const seen = [...document.querySelectorAll(selector)].filter(it => it.checkVisibility() && !it.disabled);
    return seen[Math.floor(share * seen.length)] ?? null;
}"""
# A click where nothing else lies above the element, in the page itself: playwright's own would wait for a page that is
# busy to come to rest, which no visitor does.
PRESS = """async it => {
    it.scrollIntoView({ block: "center", behavior: "instant" });
    await new Promise(requestAnimationFrame);
    const box = it.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!top || !(it.contains(top) || top.contains(it) || top.closest("label")?.contains(it))) return false;
    for (const kind of ["mousedown", "mouseup", "click"]) {
        if (kind === "mouseup") it.focus();
        it.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window }));
    }
    return true;
}"""
KINDS = {  # what a step takes -> how often, and the elements
    "tab": (2, "[role=tab]"),
    "button": (6, BUTTON),
    "fold": (1, "button.label-wrap"),
    "box": (3, "input[type=radio], input[type=checkbox]"),
    "slider": (2, "input[type=range]"),
    "choice": (3, "input[role=combobox]"),
    "text": (4, "textarea, input[type=text]:not([role]), input[type=number]"),
    "row": (1, "#runs-table tbody td:last-child, #race-table [role=gridcell]"),
}
TEXTS = (
    "", " ", "0", "-1", "1,5", "1e999", "nan", "9" * 40, "<img src=x onerror=alert(1)>", "../../etc/passwd", "a;b;c",
    "owner/name", "🦜 " * 50, "x" * 5000, "%s {0} {name}", "café\u202enoir",
)  # fmt: skip
NUMBERS = ("", -1, 0, 7, 0.5, 10**30)
MILLISECONDS_TO_TYPE = 1500
BESIDE = (3, 300)  # where there is nothing to click


def empty(page: Page) -> None:
    """Take out of every input that can be seen what can be taken out at once; a dropdown keeps its choice."""
    page.evaluate(EMPTY)


def empty_dropdown(page: Page, selector: str) -> None:
    box = page.locator(selector)
    box.fill("")
    box.press("Tab")
    expect(page.get_by_role("option")).to_have_count(0, timeout=PATIENCE)  # they would lie above the buttons


def disabled(page: Page) -> set[str]:
    """Names of the buttons, of all tabs that were ever opened, that cannot be pressed."""
    script = f"() => [...document.querySelectorAll('{BUTTON}')].filter(it => it.disabled).map({NAME})"
    return set(page.evaluate(script))


class OutOfReachError(Exception):
    """Something else lies above what was to be pressed."""


class Walk:
    """A visitor who presses and types at random; `steps` says what, for whoever has to do it again."""

    def __init__(self, page: Page, seed: int) -> None:
        self.page = page
        self.random = random.Random(seed)
        self.steps = [f"seed {seed}"]
        self.out_of_reach = 0

    def step(self) -> None:
        names, item = list(KINDS), None
        while item is None:  # there is always a tab
            kind = self.random.choices(names, [KINDS[name][0] for name in names])[0]
            item = self._pick(KINDS[kind][1])
        try:
            name = str(item.evaluate(NAME))[:40].replace("\n", " ")
            self.steps.append(f"{kind} {name!r}")
            getattr(self, f"_{kind}", self._click)(item)
        except (OutOfReachError, Error):  # covered, or gone meanwhile
            self.steps[-1] += " could not be reached"
            self.out_of_reach += 1

    def _pick(self, selector: str) -> ElementHandle | None:
        return self.page.evaluate_handle(PICK, [selector, self.random.random()]).as_element()

    def _click(self, item: ElementHandle) -> None:
        if not item.evaluate(PRESS):
            raise OutOfReachError

    def _slider(self, item: ElementHandle) -> None:
        self._press(item, "Home", "End", "ArrowLeft", "ArrowRight")

    def _text(self, item: ElementHandle) -> None:
        is_number = item.get_attribute("type") == "number"  # which takes nothing but numbers
        self._fill(item, str(self.random.choice(NUMBERS if is_number else TEXTS)))
        self._press(item, "Tab", "Enter")

    def _choice(self, item: ElementHandle) -> None:
        self._click(item)
        option = self._pick("[role=option]")
        if option and self.random.random() < 0.7:
            self.steps[-1] += f" {option.inner_text()[:40]!r}"
            self._click(option)
        else:
            self._fill(item, self.random.choice(TEXTS))
            self._press(item, "Enter", "Tab")
        self.page.mouse.click(*BESIDE)  # a list that is left by the keyboard may stay open

    def _fill(self, item: ElementHandle, text: str) -> None:
        self.steps[-1] += f" {text[:40]!r}"
        item.fill(text, timeout=MILLISECONDS_TO_TYPE)

    def _press(self, item: ElementHandle, *keys: str) -> None:
        key = self.random.choice(keys)
        self.steps[-1] += f" {key}"
        item.press(key, timeout=MILLISECONDS_TO_TYPE)
