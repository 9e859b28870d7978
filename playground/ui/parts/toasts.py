"""The words that gradio's page itself puts on its messages, in the page's language.

Above the text of an error or a message stands its kind, in English, whatever `title` the handler has given it.
"""

from __future__ import annotations

import json

import gradio as gr

from playground.texts import Language
from playground.ui.texts import t

# gradio's words, as a pattern -> ours
WORDS = {
    "Error": "error_title",
    "Info": "info_title",
    r"An error occurred\.": "unexpected_error",
    r"Connection to the server was lost\. Attempting reconnection\.\.\.": "connection_lost",
    r"Invalid file types?: (?<files>.+)\. Only (?<kinds>.+) allowed\.": "wrong_file_type",
}
SPEAK = """() => {
    const words = %s.map(([theirs, ours]) => [new RegExp(`^${theirs}$`, "s"), ours]), close = %s;
    const translate = () => {
        for (const box of document.querySelectorAll(".toast-title, .toast-message-text")) {
            const text = box.firstChild, said = text?.textContent.trim() ?? "";
            const [theirs, ours] = words.find(([pattern]) => pattern.test(said)) ?? [];
            if (ours && said !== ours) text.textContent = said.replace(theirs, ours) + " ";
        }
        for (const button of document.querySelectorAll(".toast-close")) button.ariaLabel = close;
    };
    new MutationObserver(translate).observe(document.body, { childList: true, subtree: true });
    translate();
}"""


def wire(page: gr.Blocks, language: Language) -> None:
    parts = {"files": "$<files>", "kinds": "$<kinds>"}  # as JavaScript writes what a pattern has found
    words = [(theirs, t(ours, language, **parts)) for theirs, ours in WORDS.items()]
    page.load(None, js=SPEAK % (json.dumps(words), json.dumps(t("close", language))), api_visibility="private")
