"""Data sets of the Hugging Face Hub."""

from __future__ import annotations

import itertools

from playground.data.columns import Row
from playground.data.example import Table
from playground.data.formats.table import to_table
from playground.errors import DataError
from playground.files import is_disk_full
from playground.texts import Text

TIMEOUT_SECONDS = 5
MAX_ROWS = 20_000

NO_HUB = Text(
    "{dataset}: the Hugging Face Hub cannot be reached ({reason}). Check the connection, use an included data set,"
    " or upload a file.",
    "{dataset}: o Hugging Face Hub não pode ser alcançado ({reason}). Confira a conexão, use um conjunto incluído"
    " ou envie um arquivo.",
)
NOT_ON_HUB = Text(
    "{dataset}: there is no such data set on the Hugging Face Hub, or it is private. Check the spelling, or log in"
    " with `hf auth login`.",
    "{dataset}: esse conjunto não existe no Hugging Face Hub, ou é privado. Confira a grafia, ou entre com"
    " `hf auth login`.",
)
GATED = Text(
    "{dataset}: its owner asks for consent. Accept the terms on https://huggingface.co/datasets/{dataset} and log in"
    " with `hf auth login`.",
    "{dataset}: o dono pede consentimento. Aceite os termos em https://huggingface.co/datasets/{dataset} e entre com"
    " `hf auth login`.",
)
UNREADABLE = Text(
    "{dataset}: cannot be read ({reason}). Download one of its files and upload it here.",
    "{dataset}: não pode ser lido ({reason}). Baixe um dos arquivos e envie-o aqui.",
)


def read_hub(dataset: str, limit: int | None = None) -> Table:
    """The first rows (at most 20,000) of a Hub data set's training part. Raises DataError, within seconds offline.

    What a full disk raises passes through.
    """
    import datasets
    from huggingface_hub import HfApi, errors

    http_error: type[Exception] = vars(errors)["HTTPError"]  # of httpx or httpx2, by the Hub client's version

    try:
        # Asked first, because it has a time limit of its own; loading retries for minutes when offline.
        HfApi().dataset_info(dataset, timeout=TIMEOUT_SECONDS)
    except errors.GatedRepoError as error:
        raise DataError(GATED, dataset=dataset) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise DataError(NOT_ON_HUB, dataset=dataset) from error
    except (http_error, OSError) as error:
        if is_disk_full(error):
            raise
        raise DataError(NO_HUB, dataset=dataset, reason=_short(error)) from error
    try:
        # Streaming: only the rows that are kept come over the network.
        # With its scheme, as `datasets` would prefer a local folder of that name.
        parts = datasets.load_dataset(f"hf://datasets/{dataset}", streaming=True)
        part = parts["train"] if "train" in parts else next(iter(parts.values()))
        numbered = enumerate(itertools.islice(part, limit or MAX_ROWS), start=1)
        return to_table((Row(row, place) for place, row in numbered), dataset)
    except (datasets.exceptions.DatasetsError, http_error, OSError, ValueError, RuntimeError) as error:
        if is_disk_full(error):
            raise
        raise DataError(UNREADABLE, dataset=dataset, reason=_short(error)) from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
