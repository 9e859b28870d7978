"""The words that gradio's page itself puts on its messages, in the page's language.

Above the text of an error or a message stands its kind, in English, whatever `title` the handler has given it.
"""

from __future__ import annotations

import json

import gradio as gr

from playground.texts import Language
from playground.ui.texts import t

# gradio's words -> ours
WORDS = {
    "Error": "error_title",
    "Info": "info_title",
    "An error occurred.": "unexpected_error",
    "Connection to the server was lost. Attempting reconnection...": "connection_lost",
}
SPEAK = """() => {
    const words = %s, close = %s;
    const translate = () => {
        for (const box of document.querySelectorAll(".toast-title, .toast-message-text")) {
            const text = box.firstChild, ours = words[text?.textContent.trim()];
            if (ours) text.textContent = ours + " ";
        }
        for (const button of document.querySelectorAll(".toast-close")) button.ariaLabel = close;
    };
    new MutationObserver(translate).observe(document.body, { childList: true, subtree: true });
    translate();
}"""


def wire(page: gr.Blocks, language: Language) -> None:
    words = {theirs: t(ours, language) for theirs, ours in WORDS.items()}
    page.load(None, js=SPEAK % (json.dumps(words), json.dumps(t("close", language))), api_visibility="private")
