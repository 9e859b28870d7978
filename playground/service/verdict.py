"""Whether adapters helped: runs judged, and the verdicts that are kept with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.service.access import Access
from playground.texts import Text

if TYPE_CHECKING:
    from playground.verdict.judge import Verdict
    from playground.verdict.judged_pairs import JudgedLanguages
    from playground.verdict.judged_runs import JudgeProgress, JudgeRequest


UNKNOWN_VERDICT = Text(
    "The run has no verdict {name}. Choose one from the list, or judge the run.",
    "A execução não tem o veredito {name}. Escolha um da lista, ou julgue a execução.",
)


class VerdictCalls(Access):
    """The calls of the room `verdict`."""

    def judge(
        self, request: JudgeRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[JudgeProgress | Verdict]:
        """Translate test sentences with base and adapters, then judge: the verdict is kept with each of the runs.

        Raises BusyError while a run trains, RunError for somebody else's run.
        """
        load_libraries()
        from playground.verdict.judged_runs import judge_runs

        for run_id in request.run_ids:
            self._my_run(run_id)
        with self._model():
            yield from judge_runs(request, self.store, should_stop)

    def languages_to_judge(self, files: Sequence[str], run_id: str | None) -> JudgedLanguages:
        """What a test file, or two aligned texts, can be read in to judge a run. Raises DataError or RunError."""
        from playground.data.example import Languages
        from playground.verdict.judged_pairs import languages_to_judge
        from playground.verdict.training_pairs import training_pairs

        config = self.store.open(run_id).config if run_id else None
        trained = training_pairs(config.data, config.seed) if config else None
        direction = Languages(trained.source_language, trained.target_language) if trained else None
        return languages_to_judge(files, direction)

    def verdict_names(self, run_id: str) -> list[str]:
        """Names of the verdicts kept with a run, newest first; each holds the time at which it was given."""
        return sorted((path.name for path in self.store.open(run_id).path.glob("verdict-*.json")), reverse=True)

    def saved_verdict(self, run_id: str, name: str) -> Verdict:
        """One of `verdict_names`. Raises RunError for any other name and for a damaged file."""
        if name not in self.verdict_names(run_id):
            raise RunError(UNKNOWN_VERDICT, name=repr(name[:80]))
        from playground.verdict.files import from_json

        return from_json((self.store.open(run_id).path / name).read_text(encoding="utf-8"), name)
