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
from gradio.helpers import log_message

from playground.errors import PlaygroundError, without_folders
from playground.files import is_disk_full
from playground.texts import Language
from playground.ui.gate.visitors import current_visitor
from playground.ui.texts import t

logger = logging.getLogger(__name__)

# For events that nobody waits for. Even where its progress is hidden gradio's page counts seconds, in every frame, on
# each component that waits for an answer, and for ever on one that the answer hides: so no component does.
QUIET: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
# For those that cannot be refused: of an event past the queue gradio's page shows no error, whatever is raised. Nor
# does it notice that such an event changed a state that others wait for.
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


def tell(error: gr.Error) -> None:
    """Show the error, of an event that goes on to its end."""
    # gradio's page shows every level that its own messages have; only the type of the argument leaves this one out.
    log_message(error.message, error.title, level="error", duration=error.duration)  # type: ignore[arg-type]


def tells_errors(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `shows_errors`, for handlers of which the last call counts: after an error the page stays as it is.

    When such an event fails, gradio's page forgets the call that waits for its end: what a visitor has chosen
    meanwhile would never be looked at. So none of them fails.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        shown = shows_errors(language)(handler)
        if inspect.isgeneratorfunction(handler):

            @functools.wraps(handler)
            def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
                try:
                    yield from shown(*args, **kwargs)
                except gr.Error as error:
                    tell(error)
                    yield gr.skip()

            return stream

        @functools.wraps(handler)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return shown(*args, **kwargs)
            except gr.Error as error:
                tell(error)
                return gr.skip()

        return call

    return decorate


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
