"""The training examples of a large file, window by window, in an order that a seed decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from playground.data.columns import Row
from playground.data.example import Example
from playground.data.pairs import reversed_pairs
from playground.data.rows.examples import Learned
from playground.data.rows.shuffled import shuffled_answers
from playground.data.same import same_prompt
from playground.data.stream.bad_rows import BadRows
from playground.data.stream.file import StreamedFile
from playground.errors import DataError
from playground.texts import Text

Learner = Callable[[Sequence[dict[str, object]]], Learned]

WINDOW_ROWS = 8192
WINDOW_CHARACTERS = 64 * 10**6  # which ends a window early

NOTHING_TO_TRAIN_ON = Text(
    "{file}: no row is left to train on, as every prompt that can be learned from is held out. Mix the rows, or give"
    " other data.",
    "{file}: não sobra nenhuma linha para treinar, pois todo prompt que serve está reservado. Misture as linhas, ou dê"
    " outros dados.",
)


@dataclass
class TrainingStream:
    """Every example of the file that is not held out, once an epoch.

    `estimate` is about how many examples an epoch has, told by the first `rows_looked_at`; `bad` tells of the rows that
    could not be read so far, in the first epoch.
    """

    file: StreamedFile
    learn: Learner
    held_out: frozenset[str]
    seed: int
    max_examples: int | None
    both_directions: bool
    shuffled_answers: bool
    rows_looked_at: int
    estimate: int
    bad: BadRows = field(default_factory=BadRows, init=False)

    def windows(self, epoch: int) -> Iterator[list[Example]]:
        """The examples in the order of training: the file's windows one after another, each shuffled.

        Raises DataError for a file that changes meanwhile, and for one of which too many rows cannot be read.
        """
        left = self.max_examples
        for number, rows in enumerate(self._rows(epoch)):
            examples = [example for example in self.learn(rows).examples if same_prompt(example) not in self.held_out]
            examples = examples[:left]
            if left is not None:
                left -= len(examples)
            if self.shuffled_answers:  # in every epoch alike
                examples = shuffled_answers(examples, f"{self.seed} {number}", self.file.name)
            if self.both_directions:
                examples += reversed_pairs(examples)
            Random(f"{self.seed} {epoch} {number}").shuffle(examples)
            yield examples
            if left == 0:
                return

    def epochs(self) -> Iterator[list[Example]]:
        """Windows without end. Raises DataError as `windows` does, and where an epoch has no example."""
        epoch = 0
        while True:
            count = 0
            for examples in self.windows(epoch):
                count += len(examples)
                yield examples
            if not count:
                raise DataError(NOTHING_TO_TRAIN_ON, file=self.file.name)
            epoch += 1

    def _rows(self, epoch: int) -> Iterator[list[Row]]:
        bad = self.bad = BadRows() if epoch == 0 else self.bad
        rows: list[Row] = []
        characters = 0
        for row in self.file.rows():
            if epoch == 0:
                bad.note(row)
            if not isinstance(row, Row):
                continue
            rows.append(row)
            characters += row.characters()
            if len(rows) == WINDOW_ROWS or characters > WINDOW_CHARACTERS:
                self._check(bad)
                yield rows
                rows, characters = [], 0
        self._check(bad)
        yield rows

    def _check(self, bad: BadRows) -> None:
        self.file.check_unchanged()
        bad.check(self.file.name)
