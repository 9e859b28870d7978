"""Colours and fonts; the page's own CSS is page.css, its scripts answers.js and page.js. Nothing comes from elsewhere.

Text has a contrast of 4.5 : 1 at least with whatever it stands on, and what marks an input one of 3 : 1.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

import gradio as gr

from playground.texts import Language
from playground.ui.borrowed_texts import STRINGS

# Regular and bold only: gradio's copy of the semi-bold file holds a few letters, not the alphabet.
WEIGHTS = (400, 700)
CSS_FILE = Path(__file__).with_name("page.css")
JS_FILES = [Path(__file__).with_name(name) for name in ("answers.js", "page.js")]
LANG: dict[Language, str] = {"en": "en", "pt": "pt-BR"}

# The same on the light and on the dark page.
ON_BOTH = {
    "button_primary_background_fill": "*primary_700",
    "block_title_background_fill": "none",
    "block_title_text_color": "*body_text_color",
    "block_label_background_fill": "none",
    "block_label_text_color": "*body_text_color_subdued",
    "block_shadow": "none",
    "block_border_width": "0px",
    "input_border_width": "1px",
    "input_shadow": "none",
    "checkbox_label_text_color_selected": "*body_text_color",
    "checkbox_label_border_width": "1px",
}

THEME = gr.themes.Soft(
    primary_hue=gr.themes.colors.teal,
    secondary_hue=gr.themes.colors.teal,
    neutral_hue=gr.themes.colors.slate,
    radius_size=gr.themes.sizes.radius_md,
    font=(gr.themes.LocalFont("IBM Plex Sans", weights=WEIGHTS), "ui-sans-serif", "system-ui", "sans-serif"),
    font_mono=(gr.themes.LocalFont("IBM Plex Mono", weights=WEIGHTS), "ui-monospace", "monospace"),
).set(
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    input_placeholder_color="*neutral_600",
    input_placeholder_color_dark="*neutral_300",
    color_accent="*primary_700",
    border_color_accent="*primary_600",
    button_secondary_background_fill_hover_dark="*neutral_500",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_hover_dark="*primary_600",
    button_primary_text_color="white",
    button_large_text_weight="700",
    button_medium_text_weight="700",
    button_small_text_weight="400",
    block_title_text_weight="700",
    block_title_padding="0",
    block_title_text_size="*text_sm",
    block_label_text_size="*text_sm",
    block_label_text_weight="700",
    input_border_color="*neutral_500",
    input_border_color_dark="*neutral_400",
    input_border_color_focus="*primary_700",
    input_border_color_focus_dark="*primary_300",
    checkbox_label_background_fill_selected="*primary_50",
    checkbox_label_background_fill_selected_dark="*primary_900",
    checkbox_label_border_color="*neutral_500",
    checkbox_label_border_color_dark="*neutral_400",
    checkbox_label_border_color_selected="*primary_600",
    checkbox_label_border_color_selected_dark="*primary_500",
    checkbox_label_shadow="none",
    checkbox_border_color="*neutral_500",
    checkbox_border_color_dark="*neutral_300",
    checkbox_border_color_hover="*neutral_600",
    checkbox_border_color_hover_dark="*neutral_200",
    checkbox_background_color_selected="*primary_700",
    checkbox_background_color_selected_dark="*primary_500",
    stat_background_fill="*primary_500",
    link_text_color="*primary_700",
    link_text_color_dark="*primary_300",
    **ON_BOTH,
    **{f"{name}_dark": value for name, value in ON_BOTH.items()},
)


def head(language: Language) -> str:
    """What the page in `language` carries in its head: scripts, which are told the language and some words of it."""
    words = json.dumps({text.to("en"): text.to(language) for text in STRINGS.values()})
    script = "\n".join(path.read_text(encoding="utf-8") for path in JS_FILES)
    return f'<script data-language="{LANG[language]}" data-words="{html.escape(words)}">{script}</script>'
