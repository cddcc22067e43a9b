"""Any causal language model as a teacher: it scores the names of the labels under a prompt that people see and can edit.

The score of label c is the mean log-probability of its tokens, (1/n_c) sum_t log p(token_t | prompt, tokens before t): long names are
no worse than short ones. A content-free input takes away the model's liking for some names (contextual calibration,
arXiv:2102.09690): score_c - log p_cf(c), p_cf the mean over three content-free texts of softmax(score). Then one temperature. Where a
case may have several labels, scores that compete become a chance of each label by `each_by_itself`.
Shapes: C labels, L tokens, N cases, V versions of a text.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from engine.pretrained import door
from engine.pretrained.encoders import most_tokens
from engine.schema.base import Modality
from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.teachers.base import Classroom, FoldRows, Ready, Teacher, TeacherConfig, teachers
from engine.teachers.embeddings import Embeddings, size_on_disk
from engine.teachers.lessons import Lessons, content_key
from engine.teachers.pretrained.counting import counted
from engine.teachers.probe import calibrated, each_by_itself

DEFAULT_PROMPT = "{descriptions}{text}\nIn one word, this is about: {label}"
CONTENT_FREE = ("N/A", "[MASK]", "")
"""Texts that say nothing, as in the source."""
_LONGEST = 2048
"""Tokens of prompt and label that are read at most, where the model reads so many; what is longer is cut."""
_TEXT_SHARE = 3
"""Descriptions leave the case's text the third part of the room behind the prompt's own words and the longest label."""
_LEAST_ROOM = 8
"""Tokens of that room below which nothing is asked."""
_BATCH, _BATCH_TOKENS = 32, 32 * 512
"""Labels scored together, and their tokens: the scores of the whole vocabulary are kept for each."""
_PROCEDURE = (2, _LONGEST, _TEXT_SHARE)
"""What scores that are kept were made by; the first number goes up whenever something else is asked of the same text."""
_MOST_WORK = 5e11
"""Floating-point operations of a pass that is still measured: about a quarter of a minute on one thread, and it is run ten times."""

Prepared = tuple[Tensor, Tensor, Tensor]
"""Of labels behind a prompt: token ids, which of them belong to the label, and which are there at all; (C, L) each."""


class LanguageModelConfig(TeacherConfig):
    """Settings of the language model."""

    model: str = Field("", description="Folder or hub id of a causal language model; none comes with the set-up.")
    online: bool = Field(
        False, description="Whether it may be fetched from the hub; otherwise it must lie on this computer."
    )
    prompt: str = Field(
        DEFAULT_PROMPT,
        max_length=4000,
        description="What it is asked: {text} is the case's text, {label} at the end each label in turn, {descriptions} what the labels mean.",
    )
    prior: bool = Field(True, description="Whether a content-free input corrects its liking for some labels.")


class LabelScorer:
    """A causal language model with its tokenizer; scores do not depend on what else is in a batch."""

    def __init__(self, tokenizer: Any, model: Any, device: torch.device, source: door.Source | None = None) -> None:
        self._tokenizer, self._device, self._source = tokenizer, device, source
        self.model: Any = model.to(device)
        self.longest = min(_LONGEST, most_tokens(tokenizer, model) or _LONGEST)

    def move(self, device: torch.device) -> None:
        """Go to another device."""
        self._device = device
        self.model.to(device)

    def scores(self, before: str, labels: Sequence[str]) -> Tensor:
        """Return the mean log-probability of each label's tokens after `before`, (C,), in the model's own precision.

        Raises `teacher-unreadable` where the model has a source and cannot read them.
        """
        return self.passed(self.prepared(before, labels))

    def prepared(self, before: str, labels: Sequence[str]) -> list[Prepared]:
        """Return each label behind `before` as the model is fed it, up to 32 together."""
        rows = [self._tokens(before, label) for label in labels]
        many = min(_BATCH, max(1, _BATCH_TOKENS // max(len(ids) for ids, _ in rows)))
        return [self._batch(rows[at : at + many]) for at in range(0, len(rows), many)]

    @torch.inference_mode()
    def passed(self, prepared: Sequence[Prepared]) -> Tensor:
        """Return the score of each label, (C,), from what `prepared` made."""
        return torch.cat([self._pass(*batch) for batch in prepared]).cpu()

    def room(self, others: str, labels: Sequence[str]) -> int:
        """Return how many tokens are left beside `others` and the longest label; 2 are kept back, as tokens at a seam may come apart."""
        return self.longest - self.length(others, marks=True) - max(map(self.length, labels)) - 2

    def length(self, text: str, marks: bool = False) -> int:
        """Return the tokens of a text, with `marks` those included that the tokenizer sets around it."""
        with door.foreign(self._source, "language"):
            return len(self._tokenizer(text, add_special_tokens=marks)["input_ids"])

    def shortened(self, text: str, most: int) -> str:
        """Return the beginning of `text` that has no more than `most` tokens."""
        with door.foreign(self._source, "language"):
            ends = self._tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)["offset_mapping"]
        if len(ends) <= most:
            return text
        return text[: ends[most - 1][1]] if most > 0 else ""

    def _tokens(self, before: str, label: str) -> tuple[list[int], list[bool]]:
        """Return the tokens of the whole, and which belong to the label: those that end behind what stands before it."""
        with door.foreign(self._source, "language"):
            encoded = self._tokenizer(before + label, return_offsets_mapping=True)
        edge = len(before.rstrip())  # a space before the label is part of its first token in most vocabularies
        ids, asked = list(encoded["input_ids"]), [end > edge for _, end in encoded["offset_mapping"]]
        if asked[0]:  # nothing stands before the label, so it needs a token to follow
            start = self._tokenizer.bos_token_id
            ids = [ids[0] if start is None else start, *ids]
            asked = [False, *asked]
        return ids[-self.longest :], asked[-self.longest :]

    def _batch(self, rows: Sequence[tuple[list[int], list[bool]]]) -> Prepared:
        longest = max(len(ids) for ids, _ in rows)
        ids_CL = torch.tensor([ids + [ids[-1]] * (longest - len(ids)) for ids, _ in rows], device=self._device)
        asked_CL = torch.tensor([asked + [False] * (longest - len(asked)) for _, asked in rows], device=self._device)
        there_CL = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in rows], device=self._device)
        return ids_CL, asked_CL, there_CL

    def _pass(self, ids_CL: Tensor, asked_CL: Tensor, there_CL: Tensor) -> Tensor:
        with door.foreign(self._source, "language"):
            logits = self.model(input_ids=ids_CL, attention_mask=there_CL).logits[:, :-1]
        said_CL = logits.log_softmax(-1).gather(2, ids_CL[:, 1:, None])[..., 0]
        asked_CL = asked_CL[:, 1:]
        return torch.where(asked_CL, said_CL, torch.zeros_like(said_CL)).sum(1) / asked_CL.sum(1).clamp(min=1)


@dataclasses.dataclass(frozen=True)
class _Prompt:
    """What stands before and behind a text, how many tokens the text may have, and whether descriptions were `cut` for it."""

    head: str
    tail: str
    room: int
    cut: bool

    def before(self, text: str, scorer: LabelScorer) -> str:
        """Return all of the prompt that stands before the label, with a text cut to fit."""
        return self.head + scorer.shortened(text, self.room) + self.tail


@teachers.register(
    "language-model",
    LanguageModelConfig,
    "A language model judges how well each label's name follows a prompt.",
    "由语言模型判断各标签名称接在提示语之后是否合适。",
)
class LanguageModel(Teacher):
    """Reads each case's text once as it is; what it says holds for the versions with words left out too."""

    modality: Modality | None = "text"

    def __init__(self, model: str = "", online: bool = False, prompt: str = DEFAULT_PROMPT, prior: bool = True) -> None:
        if not model:
            raise UserError("teacher-unnamed", name="language-model")
        if prompt.count("{text}") != 1 or prompt.count("{label}") != 1 or not prompt.rstrip().endswith("{label}"):
            raise UserError("prompt-places")
        self.source = door.Source(model, online)
        self.kind = self.source.name
        self._prompt, self._prior = prompt.rstrip().removesuffix("{label}"), prior
        self._scorer: LabelScorer | None = None
        self._told = False
        self.parameters = 0
        if self.source.fetched:  # what the hub holds today is what reads, so it comes before its name is taken
            self._load(torch.device("cpu"))
        self.fingerprint = self.source.fingerprint("language")

    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return calibrated answers; the labels of the fold's rows to learn from set the temperature and nothing else."""
        texts = [views[0] for views in room.texts]
        known_N = torch.tensor([bool(text.strip()) for text in texts], dtype=torch.bool)
        logits_NC = np.zeros((len(texts), room.num_labels))
        asked = [text for text, there in zip(texts, known_N.tolist(), strict=True) if there]
        if asked:
            logits_NC[known_N.numpy()] = self.logits(room, asked).double().numpy()
        self.parameters = counted(room, self.fingerprint, "language", lambda: self._load(room.device).model)
        learn = fold.learn[known_N.numpy()[fold.learn]]
        answers_N1C = (
            each_by_itself(logits_NC, room.labels_N, learn)[:, None]
            if room.several
            else calibrated(logits_NC[:, None], room.labels_N, learn)
        )
        versions = max(map(len, room.texts), default=1)
        known_NV = known_N[:, None].expand(-1, versions)
        return Lessons("language-model", "text", answers_N1C.expand(-1, versions, -1), known_NV)

    def ready(self, room: Classroom, rows: Sequence[int]) -> Ready | None:
        """Return the model with every label behind the prompt of these cases; None where one pass would take too long to be measured."""
        texts = [room.texts[row][0] for row in rows if room.texts[row][0].strip()]
        if not texts:
            return None
        scorer = self._load(torch.device("cpu"))
        names, described = label_words(room.roll.labels)
        prompt = self._around(scorer, names, described)
        asked = [scorer.prepared(prompt.before(text, scorer), names) for text in texts]
        tokens = sum(ids_CL.numel() for batches in asked for ids_CL, _, _ in batches)
        if 2 * tokens * sum(parameter.numel() for parameter in scorer.model.parameters()) > _MOST_WORK:
            return None
        return Ready(lambda: [scorer.passed(batches) for batches in asked], (scorer.model,))

    def logits(self, room: Classroom, texts: Sequence[str]) -> Tensor:
        """Return the score of every label for each text, corrected by the content-free texts where asked; (N, C)."""
        names, described = label_words(room.roll.labels)
        key = content_key("language", _PROCEDURE, self.fingerprint, self._prompt, names, described)

        def score(batch: Sequence[str]) -> Tensor:
            scorer = self._load(room.device)
            prompt = self._around(scorer, names, described)
            if prompt.cut and not self._told:
                room.log("descriptions-shortened", {"teacher": self.kind, "limit": scorer.longest})
                self._told = True
            return torch.stack([scorer.scores(prompt.before(text, scorer), names).float() for text in batch])

        def announce(items: int) -> None:
            size = size_on_disk(items, len(names), exact=True)
            room.log("lessons-size", {"teacher": self.kind, "items": items, "megabytes": round(size / 1e6, 1)})

        shards = Embeddings(room.cache, key, score, kind="prompts", exact=True, announce=announce)
        scores = shards.of([*texts, *CONTENT_FREE], room.progress)
        scores_NC, free_FC = scores[: len(texts)], scores[len(texts) :]
        return scores_NC - free_FC.softmax(1).mean(0).log() if self._prior else scores_NC

    def _around(self, scorer: LabelScorer, names: Sequence[str], described: Sequence[str]) -> "_Prompt":
        """Return the prompt with descriptions that leave room for a case's text, the same for every text.

        It is parted at its own places first: a description may hold the same words in braces.
        Raises `prompt-too-long` where its own words leave no room.
        """
        head, tail = self._prompt.split("{text}")
        room = scorer.room((head + tail).replace("{descriptions}", ""), names)
        if room < _LEAST_ROOM:
            raise UserError("prompt-too-long", name=self.kind, limit=scorer.longest)
        most = (room - math.ceil(room / _TEXT_SHARE)) // max(1, self._prompt.count("{descriptions}"))
        lines = _within(scorer, described, most) if "{descriptions}" in self._prompt else ""
        head, tail = head.replace("{descriptions}", lines), tail.replace("{descriptions}", lines)
        cut = "{descriptions}" in self._prompt and lines != "".join(described)
        return _Prompt(head, tail, scorer.room(head + tail, names), cut)

    def _load(self, device: torch.device) -> LabelScorer:
        if self._scorer is None:
            tokenizer, model = door.load(self.source, "language")
            if not getattr(tokenizer, "is_fast", False):
                raise UserError("teacher-unreadable", name=self.kind, kind="language")
            self._scorer = LabelScorer(tokenizer, model, device, self.source)
        self._scorer.move(device)
        return self._scorer


def _within(scorer: LabelScorer, lines: Sequence[str], most: int) -> str:
    """Return the lines, each cut to the same length where together they have more than `most` tokens; those that fit stay whole.

    Cut so short that some say nothing, none is told: what is told of some labels alone would speak for them.
    """
    lengths = [scorer.length(line) for line in lines]
    if sum(lengths) <= most:
        return "".join(lines)
    each, left = 0, most
    for place, length in enumerate(sorted(lengths)):
        each = left // (len(lengths) - place)
        if length > each:
            break
        left -= length
    cut = [
        f"{scorer.shortened(line.rstrip(), each - 1)}\n" if n > each else line
        for line, n in zip(lines, lengths, strict=True)
    ]
    said = all(len(short) > len(line.partition(": ")[0]) + 3 for short, line in zip(cut, lines, strict=True))
    return "".join(cut) if said else ""


def label_words(labels: Sequence[Label]) -> tuple[list[str], list[str]]:
    """Return the labels as a person reads them, and one line for each that is described."""
    names = [label.shown("en") for label in labels]
    lines = [f"{name}: {label.description}\n" for name, label in zip(names, labels, strict=True) if label.description]
    return names, lines
