"""An answer: what the council suggests, how sure it is, and who worked on it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from engine.schema.base import Answering, Array, Identifier, Message, Modality, Sha256

Outcome = Literal["suggests", "unclear", "not-sure"]
"""The three and only three outcomes (rules: `engine/predict/outcome.py`)."""


class Reason(Message):
    """Why an outcome is what it is, as a code the window translates.

    Codes: `one-label`, `several-labels`, where a case may have several labels `all-settled`, `none-of-them` and `some-open`
    (`value` says how many cannot be excluded), `nothing-readable`, `unlike-training`, `unlike-training-text`,
    `unlike-training-image`, `unlike-training-audio`, `quality-text`, `quality-image`, `quality-audio`, `no-label-fits`,
    `too-many-labels`, `too-many-open`, `not-calibrated` and `not-compared` (the model carries no thresholds, or no picture of its training
    cases), and beside the others `shared-threshold` (too few cases had these inputs for a threshold of their own; `value`
    says how many did) or `hidden-threshold` (too few had them, so it was fitted on `value` fuller ones with the rest hidden).
    """

    code: str
    value: float = 0.0


class Contribution(Message):
    """Exact Shapley value of one modality for the shown label, in calibrated log-odds; `definitions` 17."""

    modality: Modality
    log_odds: float


class Interaction(Message):
    """Pair interaction of two modalities in log-odds: above 0 they help each other, below 0 they say the same."""

    first: Modality
    second: Modality
    log_odds: float


class Novelty(Message):
    """How unlike the training cases an input is, as percentiles 0 to 100 among out-of-fold training cases."""

    overall: float
    by_modality: dict[str, float] = {}
    measured: bool = Field(True, description="False where the model cannot compare; the percentiles then mean nothing.")


class TokenSpan(Message):
    """Which piece of which part a token stands for.

    text: characters `start` to `stop`; image: pixels as fractions `x0, y0, x1, y1` of the picture; audio: seconds
    `start` to `stop`.
    """

    modality: Modality
    part_id: str
    start: float = 0.0
    stop: float = 0.0
    box: tuple[float, float, float, float] | None = None


class RoutingTrace(Message):
    """Which expert worked on which token, layer by layer.

    `counts`: int64 (layers, experts, modalities), modalities in the order of `MODALITIES`; `experts`: int32 (tokens, layers,
    k), where the number of experts stands for nobody; `weights`: float32 of the same shape. Tokens of absent modalities are
    not routed and do not appear.
    """

    layers: int
    num_experts: int
    counts: Array
    spans: tuple[TokenSpan, ...] = ()
    experts: Array | None = None
    weights: Array | None = None


class Evidence(Message):
    """How often the model was right on cases it had not learned from, whatever it answered; `n` 0 where nothing was measured."""

    n: int = 0
    right: int = 0
    pattern: str = Field(
        "", description="The modality pattern of the cases that were counted; `all` for every pattern."
    )
    out_of_fold: bool = Field(
        False, description="Counted on the training cases, each answered by a council that had not seen it."
    )


class Partly(Message):
    """An input of which a model reads or hears a part: so much of the whole, in characters of a text or seconds of a sound."""

    part_id: str
    modality: Modality
    read: float
    whole: float


class Prediction(Message):
    """One answer for one case by one model; kept for ever, next to what it was computed from."""

    prediction_id: Identifier
    case_id: str = ""
    case_version: int = 0
    inputs: tuple[Sha256, ...] | None = Field(
        None, description="What was there to read: `Case.inputs` of that moment; None where nobody kept it."
    )
    model_id: Identifier
    model_name: str = ""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    labels: tuple[str, ...]
    answers: Answering = "one"
    probabilities: tuple[float, ...] = Field(
        description="Calibrated, in the order of `labels`; sums to 1, but where several labels may hold each is by itself."
    )
    label_set: tuple[str, ...] = Field(
        description="The conformal set at 1 - alpha, most probable first; of several labels those that cannot be excluded."
    )
    suggested: tuple[str, ...] = Field(
        (),
        description="Where several labels may hold: those at or above `decision`, most probable first; all in the set.",
    )
    decision: float = Field(0.5, description="Probability from which a label of several is suggested.")
    alpha: float = 0.1
    modalities: tuple[Modality, ...] = Field(description="The modalities that were read.")
    partly: tuple[Partly, ...] = Field(
        (),
        description="Inputs that are longer than what the model reads: the beginning of a text, the loudest of a sound.",
    )
    skipped: tuple[Modality, ...] = Field(
        (), description="Modalities that were left unread: they could no longer matter."
    )
    enough: tuple[Modality, ...] = Field(
        (),
        description="Modalities after which nothing else could change the answer; empty where all of them were needed.",
    )
    contributions: tuple[Contribution, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    novelty: Novelty
    routing: RoutingTrace
    evidence: Evidence = Evidence()
    milliseconds: float = 0.0
    synthetic: bool = Field(False, description="The model was trained on generated cases.")
    at: datetime

    def open(self) -> tuple[str, ...]:
        """Return the labels that are not suggested and cannot be excluded either, where several may hold."""
        return tuple(label for label in self.label_set if label not in self.suggested)

    def best(self) -> str:
        """Return the most probable label."""
        return max(zip(self.probabilities, self.labels, strict=True))[1]
