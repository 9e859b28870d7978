"""What base and adapters answer, how they translate, whether it helped, and what quantization does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.service.access import Access
from playground.texts import Text

if TYPE_CHECKING:
    from playground.compare.answers import CompareRequest, CompareUpdate
    from playground.data.example import Prompts
    from playground.precision.comparison import PrecisionComparison
    from playground.translate.text import ModelLanguages, TranslateRequest, TranslateUpdate
    from playground.verdict.judge import Verdict
    from playground.verdict.judged_pairs import JudgedLanguages
    from playground.verdict.judged_runs import EvaluateProgress, EvaluateRequest


UNKNOWN_VERDICT = Text(
    "The run has no verdict {name}. Choose one from the list, or judge the run.",
    "A execução não tem o veredito {name}. Escolha um da lista, ou julgue a execução.",
)


class Measuring(Access):
    """The calls that use a model outside training; each raises BusyError while a run trains."""

    def compare(self, request: CompareRequest) -> Generator[CompareUpdate, None, None]:
        """Base and adapters on the same prompts, answers as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.compare.answers import compare

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from compare(request, self.store)

    def held_out_prompts(self, run_id: str, count: int) -> tuple[Prompts, tuple[str, ...]]:
        """Up to `count` prompts that the run did not train on, and the metrics that fit them."""
        self.store.open(run_id)  # refused before the libraries load
        load_libraries()
        from playground.compare.answers import held_out

        return held_out(self.store, run_id, count)

    def translate(
        self, request: TranslateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[TranslateUpdate]:
        """Base and adapters on the same text, rows as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.translate.text import translations

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from translations(request, self.store, should_stop)

    def evaluate(
        self, request: EvaluateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[EvaluateProgress | Verdict]:
        """Translate test sentences with base and adapters, then judge: the verdict is kept with each of the runs.

        Raises BusyError while a run trains, RunError for somebody else's run.
        """
        load_libraries()
        from playground.verdict.judged_runs import evaluate

        for run_id in request.run_ids:
            self._my_run(run_id)
        with self._model():
            yield from evaluate(request, self.store, should_stop)

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

    def languages_of(self, base_model: str) -> ModelLanguages:
        """Loads the model, from the Hub if need be. Raises ModelError for what is no translation model."""
        load_libraries()
        from playground.translate.text import languages_of

        base_model = self._base_model(base_model)
        with self._model():
            return languages_of(base_model)

    def compare_precisions(
        self,
        base_model: str,
        *,
        train: bool = False,
        again: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[PrecisionComparison]:
        """The base in fp32, bf16, int8 and NF4, as it is measured. Raises BusyError while a run trains."""
        load_libraries()
        from playground.precision.comparison import compare_precisions

        base_model = self._base_model(base_model)
        with self._model():
            yield from compare_precisions(base_model, train=train, again=again, should_stop=should_stop)
