"""The one place where an error becomes something that the page shows."""

from __future__ import annotations

import functools
import html
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from playground.errors import PlaygroundError, without_folders
from playground.files import is_disk_full
from playground.texts import Language
from playground.ui.gate.visitors import current_visitor
from playground.ui.texts import t

logger = logging.getLogger(__name__)

# For events that nobody waits for. Even where its progress is hidden gradio's page counts seconds, in every frame, on
# each component that waits for an answer, and for ever on one that the answer hides: so no component does.
QUIET: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
# For those that cannot be refused: of an event past the queue gradio's page shows no error, whatever is raised.
PAST_QUEUE: dict[str, Any] = {"queue": False, **QUIET}


def error_html(error: PlaygroundError, language: Language) -> str:
    """The message as HTML: values from users and files are escaped, line ends kept."""
    return html.escape(for_visitor(error.to(language))).replace("\n", "<br>")


def for_visitor(message: str) -> str:
    """Without the folders of this machine, unless its owner asks."""
    return message if current_visitor().is_owner else without_folders(message)


def shown_error(message: str) -> gr.Error:
    return gr.Error(message, duration=20, print_exception=False)


@contextmanager
def errors_shown(language: Language) -> Iterator[None]:
    """Inside the block, whatever goes wrong becomes an error that the page shows."""
    try:
        yield
    except gr.Error:
        raise
    except PlaygroundError as error:
        raise shown_error(error_html(error, language)) from error
    except Exception as error:
        # The details may hold paths or data of the server: they go to its log, not to the page.
        logger.exception("unexpected error in a page event")
        message = t("disk_full" if is_disk_full(error) else "unexpected_error", language)
        raise shown_error(message) from error


def shows_errors(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate an event handler (a function or a generator): its errors appear on the page, in `language`."""

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(handler):

            @functools.wraps(handler)
            def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
                with errors_shown(language):
                    yield from handler(*args, **kwargs)

            return stream

        @functools.wraps(handler)
        def call(*args: Any, **kwargs: Any) -> Any:
            with errors_shown(language):
                return handler(*args, **kwargs)

        return call

    return decorate
