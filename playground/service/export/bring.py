"""Adapters from elsewhere: brought in as runs, and trained on from."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.catalog.datasets import DATASETS, HUB_PREFIX
from playground.catalog.resolve import HUB_ID
from playground.config import RunConfig
from playground.errors import BusyError, ModelError, RunError, cut
from playground.model.libraries import load_libraries
from playground.runs.folder import NO_ADAPTER, RunFolder
from playground.runs.origin import Origin
from playground.service.data import DataCalls
from playground.service.inside.knobs import SECONDS_BETWEEN_TRIES
from playground.service.runs import RunCalls
from playground.texts import Language, Text, one_line
from playground.train.events import Downloading, StageChanged

if TYPE_CHECKING:
    from playground.export.bring.bring import Brought
    from playground.export.bring.opening import Opened
    from playground.export.bring.settings import AdapterSettings

NAME_LENGTH = 120
LANGUAGES = {"source_language": "en", "target_language": "pt"}
NOT_AN_ID = Text(
    "{value} is no Hub id. Write owner/name, as the adapter's page on the Hub has it.",
    "{value} não é um id do Hub. Escreva dono/nome, como na página do adaptador no Hub.",
)
ONE_OR_THE_OTHER = Text(
    "Send files, or name an adapter of the Hub: one of the two.",
    "Envie arquivos, ou dê o nome de um adaptador do Hub: um dos dois.",
)
WHICH_BASE = Text(
    "The adapter does not name its base in a way that can be found here ({said}). Choose the base model.",
    "O adaptador não cita sua base de um modo que se encontre aqui ({said}). Escolha o modelo base.",
)
MORE = Text(" · more", " · mais treino")


@dataclass(frozen=True, kw_only=True)
class BringRequest:
    """`sent` are files, or the one folder or zip; or `hub_id` says where on the Hub. What is empty is guessed.

    The data set is what the run is measured and looked into with, and trained on with: an adapter brings none.
    """

    sent: tuple[Path, ...] = ()
    hub_id: str = ""
    name: str = ""
    base_model: str = ""
    dataset: str = ""
    source_language: str = ""
    target_language: str = ""


News = StageChanged | Downloading | BusyError


class BringCalls(RunCalls, DataCalls):
    """The calls that bring an adapter in, and that go on from one."""

    def check_request(self, request: BringRequest) -> BringRequest:
        """As it can be asked for, without looking at the adapter. Raises ModelError or ConfigError."""
        hub_id = request.hub_id.strip().removeprefix(HUB_PREFIX)
        if bool(hub_id) == bool(request.sent):
            raise ModelError(ONE_OR_THE_OTHER)
        if hub_id and not HUB_ID.fullmatch(hub_id):
            raise ModelError(NOT_AN_ID, value=repr(cut(hub_id, 80)))
        base_model = request.base_model.strip()
        return replace(
            request, hub_id=hub_id, base_model=self._base_model(base_model) if base_model else "",
            dataset=request.dataset.strip(), source_language=request.source_language.strip(),
            target_language=request.target_language.strip(),
        )  # fmt: skip

    def bring_adapter(
        self, request: BringRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[News | Brought]:
        """What is being done, and last the run, which is the caller's; nothing more once `should_stop` says so.

        Before anything is computed the adapter's tensors are compared with its base. A BusyError that is yielded says
        for whom the call waits. Raises PlaygroundError, and then no run is left.
        """
        self.page.check()
        request = self.check_request(request)
        load_libraries()
        from playground.export.bring.opening import opened
        from playground.train.prepare import Stopped

        with contextlib.suppress(Stopped), contextlib.ExitStack() as stack:
            sent, name = request.sent, _name_of(request)
            if request.hub_id:
                from playground.export.bring.from_hub import about_adapter, fetching_adapter, files_of

                found = about_adapter(request.hub_id, self._most_bytes())
                with contextlib.closing(fetching_adapter(found)) as coming:
                    for came in coming:
                        yield _downloading(came.done, sum(found.files.values()), came.silent)
                        if should_stop():
                            return
                sent, name = tuple(files_of(found)), found.name
            elif not self.visitor().names_data_files and any(path.is_dir() for path in sent):
                sent = ()
            adapter = stack.enter_context(opened(sent, name, self._most_bytes()))
            yield from self._bring(request, adapter, should_stop)

    def train_on(
        self, run_id: str, max_steps: int, learning_rate: float | None = None, language: Language = "en"
    ) -> str:
        """Queue a new run that begins with the adapter of another, on the same data; returns its id at once.

        It is named in `language`. Raises RunError for somebody else's run and one without adapter, ModelError for an
        adapter that cannot be trained on, and ConfigError.
        """
        config, origin, adapter = self.to_train_on(run_id, max_steps, learning_rate, language)
        return self.queue.start(config, self.visitor().name, origin, adapter)

    def to_train_on(
        self, run_id: str, max_steps: int, learning_rate: float | None = None, language: Language = "en"
    ) -> tuple[RunConfig, Origin, Path]:
        """Settings and origin of the run that trains on from a run's adapter, and that adapter. Raises as above."""
        folder = self._my_run(run_id)
        if not folder.has_adapter:
            raise RunError(NO_ADAPTER, name=folder.name)
        config = folder.config
        values = config.to_values()
        changes = {"max_steps": max_steps, "learning_rate": learning_rate or config.training.learning_rate}
        values["training"] |= changes
        end = MORE.to(language)
        values["name"] = f"{folder.name[: NAME_LENGTH - len(end)]}{end}"
        checked = RunConfig.from_values(values)
        _check_trains_on(folder)
        return checked, Origin(kind="continued", run_id=folder.run_id, name=folder.name), folder.adapter

    def _bring(
        self, request: BringRequest, adapter: Opened, should_stop: Callable[[], bool]
    ) -> Iterator[News | Brought]:
        load_libraries()
        from playground.export.bring.bring import bring
        from playground.export.bring.fit import check_fit
        from playground.export.bring.settings import read_settings
        from playground.export.bring.told import said, trained_as
        from playground.model.sources.files import fetching

        settings = read_settings(adapter.config, adapter.tensors, trained_as(adapter))
        base_model = request.base_model or self._guessed(adapter)
        task = check_fit(settings, adapter.tensors, base_model, said(adapter))
        config = self._config(request, settings, base_model, task, adapter)
        began = time.monotonic()
        with contextlib.closing(fetching(base_model)) as coming:
            for came, total in coming:
                yield _downloading(came.done, total, came.silent, time.monotonic() - began)
                if should_stop():
                    return
        yield StageChanged(stage="loading_model")
        while not should_stop():
            try:
                with self._model(in_turns=True):
                    yield bring(adapter, settings, config, self.store, self.visitor().name, should_stop)
                return
            except BusyError as busy:
                yield busy
            time.sleep(SECONDS_BETWEEN_TRIES)

    def _guessed(self, adapter: Opened) -> str:
        load_libraries()
        from playground.export.bring.told import guessed_base

        found = guessed_base(adapter)
        if found is None:
            named = adapter.config.get("base_model_name_or_path")
            last = Path(named).name if isinstance(named, str) else "–"
            raise ModelError(WHICH_BASE, said=repr(cut(last, 80)))
        return self._base_model(found)

    def _config(
        self, request: BringRequest, settings: AdapterSettings, base_model: str, task: str, adapter: Opened
    ) -> RunConfig:
        """The run's settings. Raises ConfigError."""
        load_libraries()
        from playground.export.bring.bring import with_method
        from playground.export.bring.told import included_data, run_name

        known = included_data(adapter) if not request.dataset else {}
        dataset = known.get("dataset") or next(card.name for card in DATASETS.values() if card.task == task)
        data: dict[str, Any] = {"dataset": request.dataset or dataset}
        given = {"source_language": request.source_language, "target_language": request.target_language}
        if task == "seq2seq_lm":
            data |= {side: given[side] or known.get(side) or LANGUAGES[side] for side in LANGUAGES}
        name = request.name or run_name(adapter) or adapter.name.rpartition("/")[2]
        named = one_line(name)[:NAME_LENGTH] or "adapter"
        return with_method(self.check({"name": named, "base_model": base_model, "data": data}), settings, task)

    def _most_bytes(self) -> int:
        load_libraries()
        from playground.export.bring.opening import OWNER_BYTES, UPLOAD_BYTES

        return OWNER_BYTES if self.visitor().names_data_files else UPLOAD_BYTES


def _check_trains_on(folder: RunFolder) -> None:
    load_libraries()
    from peft import PeftConfig

    from playground.catalog.methods import METHODS
    from playground.model.adapt import check_trains_on

    check_trains_on(METHODS[folder.config.method.method], PeftConfig.from_pretrained(str(folder.adapter)))


def _name_of(request: BringRequest) -> str:
    if not request.sent:
        return request.hub_id
    first = request.sent[0]
    if len(request.sent) > 1:
        return "adapter"
    with contextlib.suppress(OSError, ValueError):  # what no path can be
        return first.resolve().name
    return "adapter"


def _downloading(done: int, total: int, silent: float, seconds: float = 0.0) -> Downloading:
    return Downloading(done_bytes=done, total_bytes=total, seconds=seconds, silent_seconds=silent)
