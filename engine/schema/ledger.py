"""The ledger of a distillation: what the student kept of its teachers, what it costs beside them, and where they part ways.

Made from out-of-fold answers to training cases alone: a student (or a teacher) answers only for cases it never learned from, and
each fold's answers are calibrated on the other folds. Nothing of validation or test rows enters it.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.schema.base import Answering, Identifier, Message
from engine.schema.model import Interval

LEDGER_FILE = "ledger.json"


class Estimate(Message):
    """A measured figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Side(Message):
    """How one of two models did on the cases both answered; of several labels an answer is right where it is just the true ones."""

    accuracy: Interval
    ece: float
    nll: float


class Slice(Message):
    """Both models on one part of the cases: one true answer (or those that bear a label), or one modality pattern."""

    name: str
    student: Side
    teacher: Side
    agreement: Interval = Field(description="Share of cases with the same answer.")


class Cost(Message):
    """What a model takes. `active` parameters work on one token; bytes as float32 holds them."""

    parameters: int
    active: int
    weights: int = Field(description="Bytes of all weights and buffers.")
    working: int = Field(0, description="Most bytes that a forward pass of 32 cases holds at once beside the weights.")


class Latency(Message):
    """Forward passes only, one thread, in alternating blocks; milliseconds a batch as medians with their 95 % interval."""

    batch: int
    student: Estimate
    teacher: Estimate
    ratio: Estimate = Field(description="Teacher over student, the median over the pairs of blocks.")
    pairs: int
    quiet: int = Field(description="Pairs in which the processor was ours at least nine tenths of the time.")


def _listed(answer: object) -> object:
    """Return an answer as ledgers of before there were several labels hold it, in the form of now."""
    return (answer,) if isinstance(answer, str) else answer


Told = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""The labels of an answer: one, or any number where a case may have several."""


class Parted(Message):
    """A case on which the two answers differ; probabilities are those of each side's own answer."""

    case_id: Identifier
    truth: Told
    student: Told
    student_probability: float
    teacher: Told
    teacher_probability: float
    divergence: float = Field(description="KL(teacher || student) in nats, of several labels summed over them.")


class Compared(Message):
    """The student beside one teacher, on the cases that this teacher could read."""

    name: str
    kind: str
    cases: int
    whole: Slice
    retention: Estimate | None = Field(
        None, description="Accuracy of the student over the teacher's; none where the teacher was never right."
    )
    divergence: float = Field(0.0, description="Mean KL(teacher || student) in nats.")
    by_label: tuple[Slice, ...] = ()
    by_pattern: tuple[Slice, ...] = ()
    cost: Cost | None = Field(None, description="None for teachers that are no network of this run, such as a file.")
    latency: tuple[Latency, ...] = ()
    student_alone_right: int = 0
    teacher_alone_right: int = 0
    both_wrong: int = Field(0, description="Cases on which they part ways and neither is right.")
    parted: tuple[Parted, ...] = Field((), description="The cases that part them most, at most fifty.")


class Against(Message):
    """The student beside a control of the same folds, seed and passes to choose from."""

    name: Literal["plain", "dense"] = Field(
        description="`plain`: the same student without teachers; `dense`: one network of the same active cost, with them."
    )
    parameters: int
    active: int
    flops: int = Field(description="Floating-point operations of the trunk's linear maps for one token.")
    epoch: int
    accuracy: Interval
    nll: float
    accuracy_gain: Estimate = Field(description="Accuracy of the student minus the control's, paired by case.")
    nll_gain: Estimate = Field(description="Log loss of the control minus the student's, paired by case.")


class Ledger(Message):
    """`ledger.json` of a model."""

    answers: Answering = "one"
    recipe: str
    seed: int
    folds: int
    cases: int = Field(description="Training cases that were answered out of fold.")
    learned: int = Field(
        0, description="Cases that the student who answered one had learned from, on average; 0 in ledgers of before."
    )
    taught: int = Field(0, description="The same of its teachers.")
    machine: str = Field("", description="Where speed and memory were measured.")
    cost: Cost
    flops: int
    student: Side
    teachers: tuple[Compared, ...] = ()
    controls: tuple[Against, ...] = ()
