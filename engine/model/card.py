"""The model card: what a finished model is, what it learned from, how right it was and where not to use it."""

from engine.schema.model import (
    InsideEncoder,
    Interval,
    Measured,
    ModelSummary,
    OrderedMeasured,
    SeveralMeasured,
    TeacherReport,
)

_HEAD = """---
library_name: consilium
pipeline_tag: other
tags: [mixture-of-experts, multimodal, knowledge-distillation]
---
"""
_LIMITS = """## Where it ends

* It suggests; a person decides. It is not a medical device.
* Its figures hold for cases like those it was measured on. For an input unlike its training cases it is meant to say "not sure".
"""
_ALIKE = "* Its experts have not parted: training ended while they still learned as one network. Which of them was asked means nothing yet"
_SYNTHETIC = "\n> **Trained on generated cases.** Nothing it says is about a real patient or customer.\n"

NOT_MEASURED = "not measured"


def card(summary: ModelSummary) -> str:
    """Return the card in Markdown; it holds facts of the summary alone, never anything of a case."""
    parts = [_HEAD, f"# {summary.name or summary.model_id}\n", _SYNTHETIC if summary.synthetic else "", _facts(summary)]
    parts += [_teachers(summary), _knowledge(summary)]
    measured = [found for found in (summary.out_of_fold, summary.validation) if found is not None]
    parts.extend(_measured(found) for found in measured)
    return "\n".join(part for part in [*parts, _LIMITS] if part)


def _facts(summary: ModelSummary) -> str:
    labels = ", ".join(label.en or label.name for label in summary.labels)
    asked = "any number of" if summary.answers == "several" else "one of"
    lines = [
        f"* Answers with {asked} {len(summary.labels)}: {labels}",
        f"* {summary.parameters:,} parameters, of which {summary.active_parameters:,} work on one token; "
        f"{summary.layers} sparse layers of {summary.experts} experts",
        *([_ALIKE] if summary.alike else []),
        f"* Recipe `{summary.recipe}`, seed {summary.seed}, data set `{summary.dataset}`"
        + (f", started from `{summary.parent}`" if summary.parent else ""),
        f"* Trained on {summary.device or 'an unnamed device'} in {summary.seconds:.0f} s",
        *(_inside(one) for one in summary.inside),
        f"* Weights: sha256 `{summary.sha256}`",
    ]
    return "\n".join(lines) + "\n"


def _inside(one: InsideEncoder) -> str:
    layers = "layer" if one.tuned == 1 else f"{one.tuned} layers"
    learned = f"its last {layers} learned further" if one.tuned else "as it came"
    return (
        f"* Keeps the pretrained encoder `{one.name}` for {one.modality} inside ({one.parameters:,} parameters, "
        f"{one.size / 1e6:.1f} MB, {learned}); nothing else is needed to read with it"
    )


def _teachers(summary: ModelSummary) -> str:
    if not summary.teachers:
        return ""
    rows = [
        f"| {teacher.name} ({teacher.kind}) | {teacher.parameters:,} | {', '.join(teacher.modalities)} | {teacher.weight:g} | "
        f"{_interval(teacher.accuracy)} | {teacher.ece:.3f} | {_patterns(teacher)} |"
        for teacher in summary.teachers
    ]
    head = [
        "## Teachers",
        "",
        "Measured on training cases that each had not learned from, as far as it could answer them.",
        "",
        "| teacher | parameters | reads | weight | accuracy, out of fold | calibration error (ECE) | by what there was |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _patterns(teacher: TeacherReport) -> str:
    return (
        ", ".join(f"{name} {found.value:.3f} (n {found.n})" for name, found in teacher.patterns.items()) or "not told"
    )


def _knowledge(summary: ModelSummary) -> str:
    told = summary.knowledge
    if told is None:
        return ""
    shares = [
        f"| {name} | {_interval(share)} |"
        for name, share in (
            ("the file alone, where it speaks", told.alone),
            ("the council with the file silent", told.data_only),
            ("both together", told.together),
        )
        if share is not None
    ]
    head = [
        "## Domain knowledge",
        "",
        f"Version {told.version}, sha256 `{told.sha256}`. Judged on training cases that each had not learned from.",
        "",
        *(f"* {sentence}" for sentence in told.sentences("en")),
    ]
    return "\n".join([*head, "", "| right, out of fold | share |", "|---|---|", *shares]) + "\n"


def _measured(found: Measured) -> str:
    if found.several is not None:
        return _several(found, found.several)
    rows = [
        f"| accuracy | {_interval(found.accuracy)} |",
        f"| balanced accuracy | {found.balanced_accuracy:.3f} |",
        f"| macro F1 | {found.macro_f1:.3f} |",
        f"| calibration error (ECE) | {found.ece:.3f} |",
        f"| log loss | {found.nll:.3f} |",
        f"| true label in the set | {_figure(found.coverage, 3)}, {_figure(found.set_size, 2)} labels a set |",
        *_ordered(found.ordered),
        *(f"| accuracy with {pattern} | {_interval(interval)} |" for pattern, interval in found.by_pattern.items()),
    ]
    return _table(found.split, rows)


def _ordered(found: OrderedMeasured | None) -> list[str]:
    if found is None:
        return []
    off = found.places_off
    kappa = "not defined: one label only" if found.kappa is None else f"{found.kappa:.3f}"
    return [
        f"| places between answer and truth | {off.value:.3f} (95 % {off.low:.3f} to {off.high:.3f}, n {off.n}) |",
        f"| at most one place off | {found.within_one:.3f} |",
        f"| weighted kappa | {kappa} |",
    ]


def _several(found: Measured, more: SeveralMeasured) -> str:
    rows = [
        f"| all labels right (exact match) | {_interval(found.accuracy)} |",
        f"| labels right | {more.label_accuracy:.3f} |",
        f"| micro F1 | {more.micro_f1:.3f} |",
        f"| macro F1 | {found.macro_f1:.3f} |",
        f"| calibration error over labels (ECE) | {found.ece:.3f} |",
        f"| log loss a label | {found.nll:.3f} |",
        f"| true labels missed by the set, at most {more.alpha:g} promised | {_interval(more.missed) if more.missed.n else NOT_MEASURED} |",
        f"| labels a set | {_figure(found.set_size, 2)} |",
        *(
            f"| all labels right with {pattern} | {_interval(interval)} |"
            for pattern, interval in found.by_pattern.items()
        ),
        *(f"| {name}: right | {_interval(interval)} |" for name, interval in found.by_label.items()),
        *(f"| {name}: AUROC | {value:.3f} |" for name, value in more.auroc.items()),
    ]
    return _table(found.split, rows)


def _table(split: str, rows: list[str]) -> str:
    return "\n".join([f"## Measured: {split}", "", "| figure | value |", "|---|---|", *rows]) + "\n"


def _figure(value: float | None, digits: int) -> str:
    return NOT_MEASURED if value is None else f"{value:.{digits}f}"


def _interval(interval: Interval) -> str:
    return f"{interval.value:.3f} (95 % {interval.low:.3f} to {interval.high:.3f}, n {interval.n})"
