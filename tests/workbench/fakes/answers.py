"""What FakeEngine answers: a clinic with four labels; the outcome follows from which modalities are there."""

from datetime import UTC, datetime

from engine.schema.base import MODALITIES, Array, Modality, new_id
from engine.schema.case import Case, Label
from engine.schema.model import Interval, Measured, ModelSummary, SeveralMeasured
from engine.schema.prediction import (
    Contribution,
    Evidence,
    Interaction,
    Novelty,
    Outcome,
    Prediction,
    Reason,
    RoutingTrace,
    TokenSpan,
)

LABELS = (
    Label(name="pneumonia", en="Pneumonia", zh="肺炎"),
    Label(name="asthma", en="Asthma", zh="哮喘"),
    Label(name="copd", en="COPD", zh="慢性阻塞性肺病"),
    Label(name="common_cold", en="Common cold", zh="普通感冒"),
)
LAYERS, EXPERTS, CHOSEN = 2, 8, 2
KINDS: dict[str, Modality] = {
    ".txt": "text", ".png": "image", ".jpg": "image", ".jpeg": "image", ".wav": "audio", ".flac": "audio",
}  # fmt: skip
_TOKENS = {"text": 40, "image": 24, "audio": 32}


def clinic_model(name: str = "Demo clinic") -> ModelSummary:
    """Return a finished model that was measured on 300 cases."""
    right = Interval(value=0.86, low=0.816, high=0.895, n=300)
    measured = Measured(split="val", accuracy=right, balanced_accuracy=0.85, macro_f1=0.85, ece=0.03, nll=0.4)
    return ModelSummary(
        model_id=new_id("model"), name=name, dataset="clinic", labels=LABELS, recipe="distil", parameters=1_200_000,
        layers=LAYERS, experts=EXPERTS, validation=measured, synthetic=True, created_at=datetime.now(UTC),
    )  # fmt: skip


def several_model(name: str = "Many findings") -> ModelSummary:
    """Return a finished model whose cases may have several labels, measured on 300 cases."""
    made = clinic_model(name)
    assert made.validation is not None
    missed = Interval(value=0.07, low=0.05, high=0.09, n=260)
    more = SeveralMeasured(label_accuracy=0.94, micro_f1=0.9, missed=missed, alpha=0.1)
    measured = made.validation.model_copy(update={"several": more})
    return made.model_copy(update={"answers": "several", "validation": measured})


def _several(made: Prediction) -> Prediction:
    """Answer with several labels: three modalities settle all of them, two leave one open, one alone is not sure."""
    values = {"suggests": (0.9, 0.7, 0.03, 0.02), "unclear": (0.9, 0.3, 0.04, 0.02)}.get(made.outcome, (0.4,) * 4)
    names = made.labels
    chosen, suggested = {"suggests": (2, 2), "unclear": (2, 1)}.get(made.outcome, (4, 0))
    code = {"suggests": "all-settled", "unclear": "some-open"}.get(made.outcome, made.reasons[0].code)
    update = {
        "answers": "several", "probabilities": values, "label_set": names[:chosen], "suggested": names[:suggested],
        "reasons": (Reason(code=code, value=1),),
    }  # fmt: skip
    return made.model_copy(update=update)


def answer_for(case: Case, model: ModelSummary) -> Prediction:
    """Answer a case: three modalities suggest, two are unclear, one alone is not sure."""
    made = _one_label(case, model)
    return _several(made) if model.answers == "several" else made


def _one_label(case: Case, model: ModelSummary) -> Prediction:
    present = case.present()
    outcome: Outcome = {3: "suggests", 2: "unclear"}.get(len(present), "not-sure")  # type: ignore[assignment]
    values = {"suggests": (0.86, 0.08, 0.04, 0.02), "unclear": (0.54, 0.38, 0.05, 0.03)}.get(
        outcome, (0.4, 0.3, 0.2, 0.1)
    )
    reason = {"suggests": "one-label", "unclear": "several-labels"}.get(
        outcome, "unlike-training-" + "".join(present[:1])
    )
    names = tuple(label.name for label in LABELS)
    chosen = {"suggests": 1, "unclear": 2}.get(outcome, 4)
    return Prediction(
        prediction_id=new_id("prediction"), case_id=case.case_id, case_version=case.version, inputs=case.inputs(),
        model_id=model.model_id, model_name=model.name, outcome=outcome, reasons=(Reason(code=reason, value=99.4),), labels=names,
        probabilities=values, label_set=names[:chosen], modalities=present,
        contributions=tuple(
            Contribution(modality=modality, log_odds={"text": 0.7, "image": 1.9, "audio": -0.4}[modality]) for modality in present
        ),
        interactions=(Interaction(first="text", second="image", log_odds=0.5),) if len(present) > 1 else (),
        novelty=Novelty(overall=42.0, by_modality=dict.fromkeys(present, 40.0)),
        routing=_routing(case), evidence=Evidence(n=240, right=197, pattern=case.pattern()), milliseconds=18.0,
        synthetic=model.synthetic, at=datetime.now(UTC),
    )  # fmt: skip


def _routing(case: Case) -> RoutingTrace:
    """Route every token by a fixed rule, so that the counts can be checked against the tokens."""
    spans: list[TokenSpan] = []
    for part in case.readable():
        count = _TOKENS[part.modality]
        for number in range(count):
            box = (number % 6 / 6, number // 6 / 4, (number % 6 + 1) / 6, (number // 6 + 1) / 4)
            picture = box if part.modality == "image" else None
            spans.append(
                TokenSpan(
                    modality=part.modality,
                    part_id=part.part_id,
                    start=number * 0.2,
                    stop=number * 0.2 + 0.2,
                    box=picture,
                )
            )
    counts = [0] * (LAYERS * EXPERTS * len(MODALITIES))
    experts, weights = [], []
    for number, span in enumerate(spans):
        kind = MODALITIES.index(span.modality)
        for layer in range(LAYERS):
            picks = ((kind * 3 + number // 5 + layer) % EXPERTS, (kind * 3 + number // 9 + layer + 3) % EXPERTS)
            for pick, weight in zip(picks, (0.7, 0.3), strict=True):
                counts[(layer * EXPERTS + pick) * len(MODALITIES) + kind] += 1
                experts.append(pick)
                weights.append(weight)
    shape = (len(spans), LAYERS, CHOSEN)
    return RoutingTrace(
        layers=LAYERS, num_experts=EXPERTS, counts=Array.pack(counts, (LAYERS, EXPERTS, len(MODALITIES))), spans=tuple(spans),
        experts=Array.pack(experts, shape, "int32") if spans else None,
        weights=Array.pack(weights, shape, "float32") if spans else None,
    )  # fmt: skip
