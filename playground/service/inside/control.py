"""The control of a run: trained with its settings on shuffled answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from playground.config import RunConfig
from playground.errors import BusyError, RunError
from playground.model.libraries import load_libraries
from playground.runs.folder import RunFolder
from playground.runs.origin import NAME as ORIGIN
from playground.runs.origin import Origin, check_trained, origin_of
from playground.service.inside.knobs import KnobCalls
from playground.service.runs import RunCalls
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.inside.sweep import Sweep

NAME_LENGTH = 120
NAME_END = Text(" · shuffled", " · respostas embaralhadas")
IS_A_CONTROL = Text(
    "The run {name} was itself trained on shuffled answers: it is a control. Choose the run that it is the control of.",
    "A execução {name} foi ela mesma treinada com respostas embaralhadas: é um controle. Escolha a execução da qual"
    " ela é o controle.",
)
HAS_CONTROL = Text(
    "The run {name} has its control already: {control}. Delete that one to train another.",
    "A execução {name} já tem seu controle: {control}. Apague-o para treinar outro.",
)


class ControlCalls(KnobCalls, RunCalls):
    """The calls that train a run's control and find it again. Only the caller's own runs are controls."""

    def control_of(self, run_id: str) -> str | None:
        """The id of a run's control that was not given up, whether it waits, trains or has ended. Raises RunError."""
        folder = self._control_of(self._my_run(run_id))
        return folder.run_id if folder else None

    def ended_control(self, run_id: str) -> str | None:
        """As `control_of`, of one that has finished with an adapter. Raises RunError."""
        control = self._ended_control(run_id)
        return control.run_id if control else None

    def control_config(self, run_id: str, language: Language = "en") -> RunConfig:
        """The settings of a run's control, named in `language`. Raises RunError where it needs none, or has one."""
        folder = self._to_look_into(run_id)
        check_trained(folder)
        config = folder.config
        if config.data.shuffled_answers:
            raise RunError(IS_A_CONTROL, name=folder.name)
        if control := self._control_of(folder):
            raise RunError(HAS_CONTROL, name=folder.name, control=control.name)
        data = config.data.model_copy(update={"shuffled_answers": True})
        end = NAME_END.to(language)
        name = f"{folder.name[: NAME_LENGTH - len(end)]}{end}"
        return config.model_copy(update={"name": name, "data": data})

    def was_trained(self, run_id: str) -> bool:
        """Whether there is a training that a control could repeat. Raises RunError for a run that is not there."""
        folder = self._my_run(run_id)
        try:
            check_trained(folder)
        except RunError:
            return False
        return True

    def train_control(self, run_id: str, language: Language = "en") -> str:
        """Queue a run's control like any run; returns its id at once. Raises RunError."""
        return self.start_run(self.control_config(run_id, language), self.origin_of_control(run_id))

    def origin_of_control(self, run_id: str) -> Origin:
        """What a control says of the run that it is the control of."""
        return Origin(kind="control", run_id=run_id, name=self._my_run(run_id).name)

    def sweep_control(
        self, run_id: str, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Sweep | BusyError]:
        """The strengths of a run's control, once it has ended, as they are measured; nothing where it has none."""
        control = self._ended_control(run_id)
        if control is None:
            return
        load_libraries()
        from playground.inside.sweep import Sweep, has_strengths

        with closing(self.sweep(control.run_id, should_stop)) as points:
            for found in points:
                yield found
                if isinstance(found, Sweep) and has_strengths(found):
                    break

    def kept_control(self, run_id: str, sweep: Sweep) -> Sweep | None:
        """What was measured of the control on the same texts as the run's own `sweep`. Loads no model."""
        control = self._ended_control(run_id)
        found = self.kept_sweep(control.run_id) if control else None
        return found if found and found.texts == sweep.texts else None

    def _ended_control(self, run_id: str) -> RunFolder | None:
        control = self._control_of(self._my_run(run_id))
        return control if control and control.status() == "finished" and control.has_adapter else None

    def _control_of(self, folder: RunFolder) -> RunFolder | None:
        """Newest first, and no further back than the run itself: its control is younger."""
        for younger in self.store.having(ORIGIN):
            if younger.run_id[:15] < folder.run_id[:15]:
                return None
            origin = origin_of(younger)
            is_control = origin is not None and origin.kind == "control" and origin.run_id == folder.run_id
            if is_control and self._is_mine(younger) and younger.status() not in ("failed", "stopped"):
                return younger
        return None
