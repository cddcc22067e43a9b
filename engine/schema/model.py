"""A finished model as the project lists it, and what was measured of it."""

from datetime import datetime

from pydantic import Field

from engine.schema.base import Answering, Identifier, Message, Modality, Sha256
from engine.schema.case import Label
from engine.schema.knowledge_report import ExpertTag, Interval, KnowledgeReport


class TeacherReport(Message):
    """A teacher as the run page names it: its size and how right it was, out of fold on the training rows."""

    name: str
    kind: str
    parameters: int
    accuracy: Interval
    ece: float = 0.0
    modalities: tuple[str, ...]
    seconds: float = Field(0.0, description="Wall time its lessons took.")
    patterns: dict[str, Interval] = Field(
        {}, description="Accuracy by the modality patterns of the cases it could answer."
    )
    cases: int = Field(0, description="Training cases it was asked about; it could answer `accuracy.n` of them.")
    weight: float = Field(1.0, description="How much it counted beside the other teachers.")
    answers: Answering = Field(
        "one", description="With `several`, `accuracy` counts cases all of whose labels it told right."
    )


class InsideEncoder(Message):
    """A pretrained encoder that is kept inside a model: it goes where the model goes."""

    modality: Modality
    name: str
    sha256: Sha256 = Field(description="Over all files it is loaded from.")
    parameters: int
    width: int = Field(description="Width of the states of its tokens.")
    size: int = Field(description="Bytes of its files.")
    tuned: int = Field(0, description="Last layers that are learned further; 0 where it stays as it came.")


class DynamicChoice(Message):
    """What reading no more inputs than needed saves, and what it changes, on labelled cases."""

    n: int
    accuracy: float = Field(description="Accuracy when inputs are skipped where they can no longer change the answer.")
    accuracy_whole: float = Field(description="Accuracy when everything is read.")
    difference: Interval = Field(description="The first minus the second, paired by case.")
    told_otherwise: float = Field(description="Share of cases that are told something else than with everything read.")
    skipped: dict[str, float] = Field({}, description="Share of each kind of input that was never read.")
    saved: float = Field(description="Share of the operations of all answers that was saved.")


class SeveralMeasured(Message):
    """What is measured beside the rest where a case may have several labels."""

    label_accuracy: float = Field(description="Share of all (case, label) pairs that were told right.")
    micro_f1: float
    auroc: dict[str, float] = Field({}, description="By label, where cases with and without it occur.")
    missed: Interval = Field(
        description="Mean share of a case's true labels that its set misses; n cases have a label."
    )
    alpha: float = Field(description="The share of true labels that the sets may miss.")


class OrderedMeasured(Message):
    """What is measured beside the rest where the answers stand in an order that training heeded."""

    places_off: Interval = Field(
        description="Mean number of places between answer and truth in the order of the labels; it may exceed 1."
    )
    within_one: float = Field(description="Share of cases whose answer is the truth or stands next to it.")
    kappa: float | None = Field(
        description="Quadratically weighted kappa (Cohen 1968): 1 is always right, 0 what chance gives; None where only one label occurs."
    )


class Change(Message):
    """A mean change with its 95 % interval, paired over `n` cases."""

    value: float
    low: float
    high: float
    n: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


class ExpertEffect(Message):
    """What an expert is worth, as a cause: by how much the loss grows when its tokens go to their next choice.

    `whole`: all of its tokens, over all cases; `by_label`: the same, over the cases of each label. `by_modality`: only its tokens of
    one modality, over the cases that have it. Where it had tokens and none could go anywhere else, nothing was measured: `whole` is None,
    and a modality is left out. An expert without any tokens is measured: its effect is 0.
    """

    layer: int
    expert: int
    whole: Change | None = None
    by_modality: dict[Modality, Change] = {}
    by_label: dict[str, Change] = {}
    tokens: dict[Modality, int] = Field({}, description="Tokens it had, over all cases; empty where that was not kept.")
    moved: dict[Modality, int] = Field({}, description="Those of them that went to a next choice in its trial.")

    def is_alone(self, modality: Modality | None = None) -> bool:
        """Whether no other expert could take any of the tokens it had, of one modality or of all together."""
        of = (modality,) if modality is not None else tuple(self.tokens)
        return any(self.tokens.get(m, 0) for m in of) and not any(self.moved.get(m, 0) for m in of)

    @property
    def split(self) -> float | None:
        """Max over pairs of modalities of |d_a - d_b| / (|d_a| + |d_b|): 1 where only one of them needs it; None without a pair."""
        values = [change.value for change in self.by_modality.values()]
        pairs = [(a, b) for i, a in enumerate(values) for b in values[i + 1 :]]
        return max((abs(a - b) / (abs(a) + abs(b) + 1e-12) for a, b in pairs), default=None)


class Measured(Message):
    """What an evaluation measured on one set of cases.

    Where a case may have several labels, `accuracy` is the share of cases all of whose labels were told right (exact match),
    `by_label` how often each label was, `coverage` the share of true labels that the sets hold, and `several` holds the rest.
    """

    split: str
    accuracy: Interval
    balanced_accuracy: float
    macro_f1: float
    ece: float
    nll: float
    coverage: float | None = Field(
        None,
        description="Share of cases whose conformal set holds the true label; None where no set was made, or no label is true.",
    )
    set_size: float | None = Field(None, description="Mean labels a set; None where none was made.")
    by_pattern: dict[str, Interval] = {}
    by_label: dict[str, Interval] = {}
    dynamic: DynamicChoice | None = Field(None, description="None where the model reads everything anyway.")
    several: SeveralMeasured | None = Field(None, description="None where a case has one answer.")
    ordered: OrderedMeasured | None = Field(None, description="None where the order of answers means nothing.")
    effects: tuple[ExpertEffect, ...] = Field((), description="What each expert is worth, where that was asked for.")


class Worth(Message):
    """What each expert of a model is worth, as it was last found out, and on which cases."""

    name: str = Field(description="Of the data set or the table.")
    dataset: str = Field("", description="Id of the data set; empty for a table.")
    at: datetime
    measured: Measured


WORTH_FILE = "worth.json"
"""Beside a model, once somebody has asked what its experts are worth."""


class ModelSummary(Message):
    """One model of the project: enough for lists, cards and the choice of the model in use."""

    model_id: Identifier
    name: str
    dataset: str
    labels: tuple[Label, ...]
    answers: Answering = "one"
    ordered: bool = Field(
        False, description="Whether it learned that its labels stand in an order, from least to most."
    )
    recipe: str
    run: str = ""
    parent: str = Field("", description="The model it was started from (fusion training after distillation).")
    parameters: int
    active_parameters: int = Field(0, description="Parameters that work on one token: shared ones and k of E experts.")
    layers: int
    experts: int
    alike: bool = Field(
        False, description="Whether the experts of each layer are one network still: training ended before they parted."
    )
    teachers: tuple[TeacherReport, ...] = ()
    inside: tuple[InsideEncoder, ...] = Field((), description="Pretrained encoders that are kept inside it.")
    out_of_fold: Measured | None = None
    validation: Measured | None = None
    synthetic: bool = False
    domain: str = Field("", description="Id of the domain of its data set; empty where none is known.")
    seed: int = 0
    device: str = ""
    seconds: float = 0.0
    created_at: datetime
    size: int = Field(0, description="Bytes of the weights, with those of encoders kept inside.")
    sha256: str = Field("", description="Of `model.safetensors`.")
    knowledge: KnowledgeReport | None = Field(None, description="What the knowledge file did; None without one.")


__all__ = [
    "ExpertTag",
    "InsideEncoder",
    "Interval",
    "KnowledgeReport",
    "Measured",
    "ModelSummary",
    "OrderedMeasured",
    "SeveralMeasured",
    "TeacherReport",
]
