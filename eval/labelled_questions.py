"""Reads the labelled questions (cases/questions): what each wants, and whether it leans on another.

A file is one writing of its own; which train and which only test stands here. It learns nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from eval.case import CASES, CaseFault, Filled
from index.request.aspects import LABELLED
from index.request.heads import WANTED
from index.request.question_features import CUES

QUESTIONS = CASES / "questions"
# Each of the first is left out in turn to choose by; the test file is scored alone, and seldom.
LEFT_OUT_IN_TURN = ("a", "b", "f", "g", "h", "i")
ALWAYS_TRAINING = ("d",)
TEST = "c"
# What 条, items and points are beside articles: learned by the aspects alone.
OF_ASPECTS = ("e",)


class LabelledQuestion(BaseModel):
    """A question, those before it, and its labels. `figure` is the kind of figure, if one is asked.

    `count` counts rows of documents (also the articles of one chapter); how many articles or
    chapters a document has is `structure`. `aspects` are what readers say that a right answer
    holds, and its shape (docs/evaluating.md). `gathers` is what is to be gathered from many
    articles (index/request/gathers.py); of other files it stands in gathers.tsv.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Filled
    writer: Filled
    language: Literal["zh", "en"]
    question: Filled
    previous: tuple[Filled, ...] = ()
    wanted: str
    leans: bool
    figure: str = ""
    aspects: tuple[str, ...]
    gathers: str = ""

    @field_validator("wanted")
    @classmethod
    def _is_a_kind(cls, wanted: str) -> str:
        if wanted not in WANTED:
            raise ValueError(f"{wanted} is none of {', '.join(WANTED)}")
        return wanted

    @field_validator("aspects")
    @classmethod
    def _are_known(cls, aspects: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [each for each in aspects if each not in LABELLED]
        if unknown or len(set(aspects)) < len(aspects):
            raise ValueError(f"aspects {', '.join(unknown) or 'twice'}: {', '.join(LABELLED)}")
        return aspects

    @property
    def before(self) -> str | None:
        """The question before this one."""
        return self.previous[-1] if self.previous else None


def read_questions(
    names: Sequence[str], folder: Path = QUESTIONS
) -> Mapping[str, tuple[LabelledQuestion, ...]]:
    """The questions of each file by its name. Raises CaseFault naming the first wrong line."""
    found: dict[str, tuple[LabelledQuestion, ...]] = {}
    for name in names:
        path = folder / f"{name}.jsonl"
        if not path.is_file():
            raise CaseFault(f"{path}: no such file of questions")
        rows = []
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                rows.append(LabelledQuestion.model_validate(json.loads(line)))
            except (ValidationError, json.JSONDecodeError) as error:
                raise CaseFault(f"{path}:{number}: {str(error).splitlines()[-1]}") from None
        found[name] = tuple(rows)
    return found


def training_digest(folder: Path = QUESTIONS, also: Sequence[str] = ()) -> str:
    """A digest of all that heads are learned from: training questions (`also` more), and cues."""
    digest = hashlib.sha256()
    for name in sorted((*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING, *also)):
        digest.update(name.encode() + b"\0" + (folder / f"{name}.jsonl").read_bytes())
    digest.update((files("index.request") / CUES).read_bytes())
    return digest.hexdigest()
