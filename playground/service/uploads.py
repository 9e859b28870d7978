"""Files that visitors send: checked, kept beside the runs that will need them again, and named without their path.

A run's settings say `upload:<digest>-<stem><suffix>`, which only the visitor who sent the file can use.
"""

from __future__ import annotations

import csv
import re
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.catalog.datasets import KEPT_NAME, SUFFIXES, TEXT_SUFFIXES, UPLOAD_PREFIX
from playground.catalog.refused_files import refused_kind
from playground.errors import DataError
from playground.files import copy_atomically, sha256_of
from playground.service.visitor import Visitor
from playground.texts import Text

MAX_UPLOAD_MB = 50
SECONDS_TO_KEEP = 86_400  # a file that no run and no race names

NOT_A_PAIR = Text(
    "{count} files were sent ({names}). Send one data file, or two text files of which one translates the other"
    " line by line.",
    "{count} arquivos foram enviados ({names}). Envie um arquivo de dados, ou dois arquivos de texto em que um"
    " traduz o outro linha por linha.",
)
TOO_LARGE = Text(
    "{name} has {size} MB; at most {limit} MB can be uploaded. Send fewer rows: 500 good examples already teach.",
    "{name} tem {size} MB; é possível enviar no máximo {limit} MB. Envie menos linhas: 500 bons exemplos já ensinam.",
)
WRONG_TYPE = Text(
    "{name} cannot be read here: send a file that ends in {suffixes}, or two aligned text files together.",
    "{name} não pode ser lido aqui: envie um arquivo que termine em {suffixes}, ou dois textos alinhados juntos.",
)
NOT_READ = Text("{name} is {what}. {remedy}", "{name} é {what}. {remedy}")
UNKNOWN_UPLOAD = Text(
    "There is no uploaded file {name} of yours. Upload it again.",
    "Não há um arquivo seu enviado com o nome {name}. Envie-o de novo.",
)


@dataclass(frozen=True)
class Uploads:
    """The files kept under one runs folder, a folder a visitor; the owner's lie directly in it."""

    runs_dir: Path

    @property
    def root(self) -> Path:
        return self.runs_dir / "uploads"

    def keep(self, sent: Sequence[Path], visitor: Visitor) -> str:
        """Keep a data file, or two aligned text files, which become one table; returns the name that settings use.

        Raises DataError.
        """
        self.sweep()
        if len(sent) == 1:
            return self._keep_one(sent[0], visitor)
        if len(sent) != 2 or any(path.suffix.lower() in set(SUFFIXES) - set(TEXT_SUFFIXES) for path in sent):
            names = ", ".join(path.name[-80:] for path in sent[:5])
            raise DataError(NOT_A_PAIR, count=len(sent), names=names)
        from playground.data.example import NOT_TOLD
        from playground.data.formats.moses import read_moses

        for path in sent:
            _check_size(path)
        table = read_moses(sent[0], sent[1], None, NOT_TOLD)
        with tempfile.TemporaryDirectory() as folder:
            joined = Path(folder) / f"{sent[0].stem}.{'-'.join(table.columns)}.tsv"
            with joined.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, table.columns, delimiter="\t", restval="")
                writer.writeheader()
                writer.writerows(table.rows)
            return self._keep_one(joined, visitor)

    def path_of(self, name: str, visitor: Visitor) -> Path:
        """The file that `keep` named. Raises DataError for any other name, and for a file of somebody else."""
        found = name.removeprefix(UPLOAD_PREFIX)
        path = self.root / visitor.name / found
        if not KEPT_NAME.fullmatch(found) or not path.is_file():
            raise DataError(UNKNOWN_UPLOAD, name=repr(found[-80:]))
        return path

    def name_of(self, path: str | None, visitor: Visitor) -> str | None:
        """The name that `keep` gave a visitor's file, whether or not it is still there; None of any other path."""
        if path is None or Path(path).absolute().parent != (self.root / visitor.name).absolute():
            return None
        return f"{UPLOAD_PREFIX}{Path(path).name}"

    def sweep(self) -> None:
        """Remove the files that nobody needs: sent over a day ago, and in no run's or race's settings."""
        aged = [path for path in self.root.glob("**/*") if path.is_file() and _age(path) > SECONDS_TO_KEEP]
        if not aged:
            return
        settings = [*self.runs_dir.glob("*/config.yaml"), *self.runs_dir.glob("races/*/race.yaml")]
        used = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in settings)
        for path in aged:
            if path.name not in used:
                path.unlink(missing_ok=True)

    def _keep_one(self, sent: Path, visitor: Visitor) -> str:
        """The copy is named after its content: a run can be repeated, and sending a file twice keeps it once."""
        name, suffix = sent.name[-80:], sent.suffix.lower() or TEXT_SUFFIXES[0]  # of a file without, the content tells
        if suffix not in SUFFIXES:
            if kind := refused_kind(name):
                raise DataError(NOT_READ, name=name, what=kind.what, remedy=kind.remedy)
            raise DataError(WRONG_TYPE, name=name, suffixes=", ".join(SUFFIXES))
        _check_size(sent)
        # letters of any language; in UTF-8 at most 4 bytes each, and a file's name has at most 255
        words = re.findall(r"[\w.]+", unicodedata.normalize("NFC", sent.stem))
        stem = "-".join(words).strip("-.")[:50].rstrip("-.") or "file"
        kept = self.root / visitor.name / f"{sha256_of(sent)[:12]}-{stem}{suffix}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        if kept.exists():
            kept.touch()  # its day begins anew
        else:
            copy_atomically(sent, kept)
        return f"{UPLOAD_PREFIX}{kept.name}"


def _age(path: Path) -> float:
    """Seconds since a file was written; 0 for one that is gone by now."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _check_size(sent: Path) -> None:
    size = sent.stat().st_size / 1e6
    if size > MAX_UPLOAD_MB:
        raise DataError(TOO_LARGE, name=sent.name[-80:], size=f"{size:.0f}", limit=MAX_UPLOAD_MB)
