"""Before a run: its settings checked, its data and its model shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.catalog.resolve import resolve
from playground.config import DataConfig, RunConfig
from playground.data.left_out import said
from playground.model.libraries import load_libraries
from playground.service.access import Access
from playground.service.naming import data_named_by
from playground.service.reuse import ReusedSettings, reused
from playground.texts import Text

if TYPE_CHECKING:
    from playground.data.example import Table
    from playground.data.sources.hub import HubDataset
    from playground.model.sources.hub import HubModel
    from playground.verdict.training_pairs import TrainingPairs


@dataclass(frozen=True, kw_only=True)
class TokenPreview:
    """One example as the model sees it: each token's text, and whether it carries loss.

    `left_out` says what of the data set teaches nothing; None where all of it does.
    """

    tokens: list[tuple[str, bool]]
    index: int
    examples: int
    left_out: Text | None = None


class DataCalls(Access):
    """The calls about what a run would stand on."""

    def check(self, values: Any) -> RunConfig:
        """A complete configuration, every default filled in. Raises ConfigError with every problem."""
        return resolve(self._named(RunConfig.from_values(values)))

    def settings_of(self, run_id: str) -> ReusedSettings:
        """A run's settings for one more run, as far as the caller may still use them.

        Raises RunError for an unknown run and somebody else's, and ConfigError for settings that cannot be read.
        """
        return reused(self._my_run(run_id).config, self.visitor(), self.uploads, self.check)

    def preview_table(self, data: DataConfig, limit: int = 20) -> Table:
        """The data set's first rows, as read from its file. Raises ConfigError or DataError."""
        from playground.data.example import Told
        from playground.data.read import read_rows

        data = data_named_by(self.visitor(), data, self.uploads)
        told = Told(data.source_language, data.target_language)
        return read_rows(data.dataset, limit, data.target_file, told, data.subset, data.split)

    def languages_of_data(self, data: DataConfig) -> tuple[str, ...]:
        """The languages between which a data set's pairs can be asked for; empty for other data. Raises as above."""
        from playground.data.read import languages_of_data

        data = data_named_by(self.visitor(), data, self.uploads)
        return languages_of_data(data.dataset, subset=data.subset, split=data.split)

    def parts_of_data(self, data: DataConfig) -> HubDataset | None:
        """The subsets and splits of a Hub data set; None for any other. Raises as above."""
        from playground.data.read import hub_id_of
        from playground.data.sources.hub import parts_of

        hub_id = hub_id_of(data_named_by(self.visitor(), data, self.uploads).dataset)
        return parts_of(hub_id, data.subset) if hub_id else None

    def to_download(self, base_model: str) -> HubModel | None:
        """What a model of the Hub would bring; None for one that is here. Raises ConfigError or ModelError."""
        load_libraries()
        from playground.model.sources.files import to_download

        return to_download(self._base_model(base_model))

    def training_pairs(self, dataset: str, source_language: str, target_language: str) -> TrainingPairs | None:
        """How many pairs a run would train on and hold out; None of what is no translation. Raises as above."""
        from playground.verdict.training_pairs import training_pairs

        data = {"dataset": dataset, "source_language": source_language, "target_language": target_language}
        config = RunConfig.from_values({"name": "pairs", "data": data})
        return training_pairs(self._named(config).data)

    def keep_upload(self, sent: list[Path]) -> str:
        """Keep what the visitor sent; returns the name that a run's settings use for it. Raises DataError."""
        return self.uploads.keep(sent, self.visitor())

    def preview_tokens(self, values: Any, index: int = 0) -> TokenPreview:
        """Training example number `index` (wraps around) as token texts."""
        load_libraries()
        from playground.train.preview import preview

        found = preview(self.check(values), index)
        return TokenPreview(
            tokens=found.pieces,
            index=index % found.examples,
            examples=found.examples,
            left_out=said(found.left_out),
        )
