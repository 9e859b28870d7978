"""The page: builds, answers, speaks both languages, hides nothing and leaks nothing."""

from __future__ import annotations

import errno
import gc
import re
import string
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import uvicorn
from fastapi.testclient import TestClient
from gradio.blocks import BlocksConfig

import app
from playground.config import DataConfig, RunConfig
from playground.errors import RunError
from playground.service import Playground
from playground.texts import LANGUAGES, Language, Text
from playground.train.events import Resumed, to_values
from playground.ui.feedback import shows_errors
from playground.ui.gate.hosts import trusted_hosts
from playground.ui.gate.visitors import current_visitor
from playground.ui.page import TABS, build_ui
from playground.ui.texts import STRINGS
from playground.ui.train.live import html as live_html
from playground.ui.train.live import view as live_view
from tests.events import started, stepped

UI = Path(live_view.__file__).parents[2]
LOOPBACK = trusted_hosts("127.0.0.1", {})
PUBLIC = {"list_methods", "list_runs", "run_status", "start_run"}


@pytest.fixture
def client(playground: Playground) -> TestClient:
    served = app.build_app(replace(playground, visitor=current_visitor), LOOPBACK)
    return TestClient(served, base_url="http://localhost", follow_redirects=False)


def test_nothing_is_summed_up_after_an_event(playground: Playground) -> None:
    """Gradio's own statistics of all earlier events would be made anew after each: slower with every click."""
    queue = build_ui(playground, "en")._queue
    of_one = {"time": 0.0, "status": "success", "process_time": 0.1, "function": "follow", "session_hash": "a"}
    queue.events_recorded += 1000
    assert queue.compute_analytics_summary([of_one] * 1000) == {"functions": {}}
    assert queue.ANALYTICS_MAX_EVENTS == 1


def finished_run(playground: Playground, name: str = "mine", answer: str = "yes") -> str:
    folder = playground.store.create(RunConfig.from_values({"name": name, "data": {"dataset": "notes-to-json"}}), {})
    folder.append(
        {
            "event": "RunStarted",
            "total_steps": 2,
            "trainable_parameters": 10,
            "total_parameters": 1000,
            "device": "cpu",
            "dtype": "float32",
            "dtype_reason": "cpu_fp32",
            "train_examples": 3,
            "eval_examples": 2,
            "dropped_examples": 0,
            "truncated_examples": 0,
        }
    )
    sample = {"event": "SampleLogged", "step": 2, "prompt": "q", "reference": "r", "base": "no", "adapter": answer}
    folder.append(sample)
    folder.finish({"status": "finished", "steps": 2})
    return folder.run_id


# --- texts ------------------------------------------------------------------------------------


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_text_exists_in_both_languages_with_the_same_placeholders() -> None:
    for key, text in STRINGS.items():
        assert text.en.strip(), key
        assert text.pt.strip(), key
        assert placeholders(text.en) == placeholders(text.pt), key


def test_every_text_that_the_code_asks_for_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in UI.rglob("*.py"))
    used = set(re.findall(r'\bt\(\s*"([a-z_]+)"', source))
    assert used
    assert not used - STRINGS.keys()


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_endpoints_for_programs_are_public(playground: Playground, language: Language) -> None:
    page = build_ui(playground, language)
    public = {fn.api_name for fn in page.fns.values() if fn.api_visibility == "public"}
    assert public == PUBLIC


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab_is_laid_out_in_the_order_of_its_list(playground: Playground, language: Language) -> None:
    page = build_ui(playground, language)
    shown = [(block.id, block.label) for block in page.blocks.values() if isinstance(block, gr.Tab)]
    assert [tab for tab in shown if tab[0] in TABS] == [(name, STRINGS[f"tab_{name}"].to(language)) for name in TABS]


def test_what_is_served_is_what_gradio_would_write_of_the_page_by_then(client: TestClient) -> None:
    """The page writes it once, before it is mounted; gradio by itself once more after that."""
    mounted: Any = client.app
    page = mounted.routes[-1].app.get_blocks()
    written: dict[str, Any] = dict(BlocksConfig.get_config(page.default_config))
    assert {name: page.config[name] for name in written} == written
    assert len(written["components"]) > 100


def test_between_tabs_stands_nothing_else(playground: Playground) -> None:
    """gradio's page counts all that stands there: after a click the tabs behind it carried the names of others."""
    rows = [block for block in build_ui(playground, "en").blocks.values() if isinstance(block, gr.Tabs)]
    assert len(rows) == 3
    assert {type(child) for row in rows for child in row.children} == {gr.Tab}


def test_a_state_that_others_wait_for_is_changed_through_the_queue(playground: Playground) -> None:
    """Of an event past it the page is not told which states have changed.

    Those that may: the page's opening, after which everything is shown anyway, and the offer of a race where none was.
    """
    fns = build_ui(playground, "en").fns.values()
    awaited = {target for fn in fns for target, name in fn.targets if name == "change"}
    past = {
        fn.name
        for fn in fns
        if not fn.queue and "load" not in {name for _, name in fn.targets}
        for item in fn.outputs
        if isinstance(item, gr.State) and item._id in awaited
    }
    assert past <= {"offer"}


def test_the_root_goes_to_the_browsers_language_and_keeps_the_run(client: TestClient) -> None:
    def goes_to(path: str, **headers: str) -> str:
        return client.get(path, headers=headers).headers["location"]

    assert goes_to("/", **{"accept-language": "pt-BR,pt;q=0.9,en;q=0.8"}) == "pt/"
    assert goes_to("/", **{"accept-language": "de-DE,de;q=0.9"}) == "en/"
    assert goes_to("/?run=1", **{"accept-language": "pt-BR", "cookie": "language=en"}) == "en/?run=1"
    assert goes_to("/", **{"cookie": "language=//evil"}) == "en/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_no_other_machine_for_anything(client: TestClient, language: Language) -> None:
    css = client.get(f"/{language}/theme.css").text
    assert client.get(f"/{language}/").status_code == 200
    assert not re.findall(r"url\(['\"]?https?:", css)


def test_files_of_the_server_are_not_served(client: TestClient, playground: Playground) -> None:
    run_id = finished_run(playground)
    for path in ("/etc/passwd", str(playground.runs_dir / run_id / "config.yaml")):
        assert client.get(f"/en/gradio_api/file={path}").status_code in (403, 404)


# --- a run on the page --------------------------------------------------------------------------


@pytest.mark.parametrize("run_id", ["../../etc", "20260101-000000-abcdef-gone", "<script>"])
def test_an_address_with_an_unknown_run_shows_the_empty_page(playground: Playground, run_id: str) -> None:
    with gr.Blocks():
        view = live_view.LiveView(playground, "en")
    shown = view.show(run_id)
    assert (shown[view.empty].visible, shown[view.run].visible, shown[view.run].value) == (True, False, "")


def test_words_that_the_base_did_not_say_are_marked() -> None:
    assert live_html.marked("the cat sat", "the dog sat") == [("the ", False), ("dog", True), (" sat", False)]


def scored(step: int, chrf: float, general: float | None) -> dict[str, Any]:
    return {"event": "ScoreLogged", "step": step, "chrf": chrf, "general_chrf": general, "seconds": 1.0 * step}


def test_the_result_tells_what_was_gained_and_forgotten_by_the_kept_adapter() -> None:
    finished = {"event": "RunFinished", "status": "finished", "eval_loss_base": 4.0, "eval_loss": 2.0, "best_step": 50}
    events = [scored(0, 12.3, 61.1), scored(50, 34.5, 59.9), scored(100, 33.0, 40.0), finished]
    shown = live_html.result(events, "pt")
    assert shown is not None
    assert shown["scores"] == [
        {"label": "chrF das frases reservadas", "before": "12,3", "after": "34,5"},
        {"label": "chrF das frases gerais", "before": "61,1", "after": "59,9"},
    ]
    shown = live_html.result([scored(0, 12.3, None), scored(50, 34.5, None), finished], "pt")
    assert shown is not None
    assert [score["label"] for score in shown["scores"]] == ["chrF das frases reservadas"]
    shown = live_html.result([finished], "pt")
    assert shown is not None
    assert shown["scores"] == []


# --- errors ---------------------------------------------------------------------------


def test_an_error_is_shown_in_the_pages_language_and_escaped() -> None:
    @shows_errors("pt")
    def handler() -> None:
        raise RunError(Text("no {x}\nrest", "não {x}\nresto"), x="<b>")

    with pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value.message == "não &lt;b&gt;<br>resto"


def test_an_unexpected_error_keeps_its_details_from_the_page() -> None:
    @shows_errors("en")
    def handler() -> Iterator[int]:
        yield 1
        raise OSError("/home/somebody/secret")

    with pytest.raises(gr.Error) as caught:
        list(handler())
    assert "secret" not in str(caught.value.message)


# --- translation on the Train tab -------------------------------------------------------------------


def preview_of(playground: Playground, base_model: str, dataset: str, **data: str) -> list[tuple[str, bool]]:
    return playground.preview_tokens({"base_model": base_model, "data": {"dataset": dataset, **data}}, 0).tokens


def test_a_translation_is_previewed_as_source_without_loss_then_target_with_it(playground: Playground) -> None:
    languages = {"source_language": "en", "target_language": "pt"}
    tokens = preview_of(playground, "m2m100-mini", "everyday-phrases", **languages)
    learned = [carries_loss for _, carries_loss in tokens]
    assert learned == sorted(learned)
    assert {True, False} == set(learned)
    first = next(iter(playground.preview_table(DataConfig(dataset="everyday-phrases"), limit=1).rows))
    sides = ["".join(text for text, carries_loss in tokens if carries_loss is side) for side in (False, True)]
    assert sides[0].replace("</s>", "").replace("__en__", "").strip() == first["en"]
    assert sides[1].replace("</s>", "").replace("__pt__", "").strip() == first["pt"]


# --- for programs -----------------------------------------------------------------------------------


@pytest.fixture
def warmed_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the app would load libraries and model, which it does not in this process."""
    asked = threading.Event()
    monkeypatch.setattr(app, "warm_up", asked.set)
    return asked


@pytest.fixture
def address(playground: Playground, warmed_up: threading.Event) -> Iterator[str]:
    served = app.build_app(replace(playground, visitor=current_visitor), LOOPBACK)
    config = uvicorn.Config(served, port=0, log_level="error", timeout_graceful_shutdown=1)
    server = app.Server(config, "where the test knows it")
    thread = threading.Thread(target=server.run, daemon=True)
    gc.disable()  # as `python app.py` begins
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        thread.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/en/"
    server.should_exit = True
    thread.join(10)
    gc.enable()


def test_garbage_is_collected_again_once_the_page_can_be_opened(address: str) -> None:
    assert address
    assert gc.isenabled()


def test_libraries_and_model_are_loaded_though_nobody_has_opened_the_page(
    address: str, warmed_up: threading.Event
) -> None:
    assert address
    assert warmed_up.wait(30)


def test_programs_list_methods_and_runs_and_cannot_reach_files(address: str, playground: Playground) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    run_id = finished_run(playground)
    client: Any = Client(address, verbose=False)
    assert {method["name"] for method in client.predict(api_name="/list_methods")} >= {"lora", "prompt_tuning"}
    assert [run["run_id"] for run in client.predict("", api_name="/list_runs")] == [run_id]
    assert client.predict(run_id, api_name="/run_status")["status"] == "finished"
    with pytest.raises(AppError, match="Files of the server are not read"):
        client.predict("data: {dataset: /etc/passwd}", api_name="/start_run")
    with pytest.raises(AppError, match="Files of the server are not read"):
        client.predict("data: {dataset: django-catalogs, target_file: /etc/passwd}", api_name="/start_run")


# --- options ------------------------------------------------------------------------------------------


def test_other_machines_are_let_in_only_with_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PLAYGROUND_AUTH", raising=False)
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setattr("sys.argv", ["app.py", "--host", "0.0.0.0"])
    with pytest.raises(SystemExit):
        app.read_options()
    assert "PLAYGROUND_AUTH" in capsys.readouterr().err
    monkeypatch.setenv("PLAYGROUND_AUTH", "me:secret")
    assert app.read_options().host == "0.0.0.0"
    assert app.read_auth() == ("me", "secret")


def test_a_full_disk_is_said_on_the_page_whatever_was_clicked() -> None:
    @shows_errors("en")
    def click() -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret/file")
        except OSError as error:
            raise RuntimeError("could not keep it") from error

    with pytest.raises(gr.Error) as caught:
        click()
    assert "disk of the server is full" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(("damaged", "said"), [(0, False), (2, True)])
def test_a_run_that_fell_back_to_an_older_checkpoint_says_so(damaged: int, said: bool) -> None:
    events = [to_values(Resumed(step=20, damaged=damaged)), started(), stepped(21)]
    shown = live_html.status("run", "running", 0, events, "pt")
    assert ("não puderam ser lidos" in shown["note"]) is said


def test_the_facts_of_a_run_with_an_unknown_reason_are_still_shown() -> None:
    shown = live_html.facts([started(dtype_reason="of_another_version")], "en")
    assert "of_another_version" in [cell["note"] for cell in shown["cells"]]
