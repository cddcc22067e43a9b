"""`ledger`: what a model kept of its teachers, what it costs beside them, and the cases on which they part ways."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.client import attach
from engine.schema.command import ModelList
from engine.schema.errors import UserError
from engine.schema.ledger import Against, Compared, Cost, Estimate, Ledger, Slice
from engine.schema.model import Interval

_SHOWN = 10
"""Cases that are listed; `--json` has them all."""


def ledger(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    model: Annotated[str, typer.Argument(help="Model id, or `latest`; empty takes the model in use.")] = "",
) -> dict[str, Any]:
    """Print a model's ledger: retention, agreement, calibration, cost, controls, and where teacher and student part ways."""
    with attach(project) as client:
        known = client.get("/v1/models", ModelList)
        chosen = {"": known.in_use, "latest": known.models[0].model_id if known.models else ""}.get(model, model)
        if not chosen:
            raise UserError("no-model")
        found = client.get(f"/v1/models/{chosen}/ledger", Ledger)
    print("\n".join(lines(found, chosen)))
    return {"model": chosen, **found.model_dump(mode="json")}


def lines(found: Ledger, model: str) -> list[str]:
    """Return the ledger as lines for people."""
    head = f"{model}: recipe {found.recipe}, seed {found.seed}; {found.cases} training cases answered out of fold."
    right = "right" if found.answers == "one" else "all labels right (exact match)"
    own = f"student: {right} {_share(found.student.accuracy)}, ECE {found.student.ece:.3f}, {_cost(found.cost)}"
    if found.learned:
        head += f" Who answered one had learned from others: the student from {found.learned}, its teachers from {found.taught}."
    said = [head, f"{own}; {found.flops:,} operations a token in the trunk", f"measured on: {found.machine}"]
    for teacher in found.teachers:
        said += ["", *_teacher(teacher)]
    for control in found.controls:
        said += ["", *_control(control, right)]
    return said


def _teacher(one: Compared) -> list[str]:
    kept = "never right" if one.retention is None else f"retention {_estimate(one.retention)}"
    said = [
        f"beside {one.name} ({one.kind}), {one.cases} cases it could read: {kept}, "
        f"same answer {_share(one.whole.agreement)}, KL {one.divergence:.3f}"
    ]
    said.append(f"  {'':24}{'n':>6} {'student':>9} {'teacher':>9} {'same':>6} {'ECE s.':>7} {'ECE t.':>7}")
    said += [_row(part) for part in (one.whole, *one.by_pattern, *one.by_label)]
    if one.cost is not None:
        said.append(f"  teacher: {_cost(one.cost)}")
    for speed in one.latency:
        said.append(
            f"  batch {speed.batch}: student {_estimate(speed.student)} ms, teacher {_estimate(speed.teacher)} ms, "
            f"{_estimate(speed.ratio)} times as fast ({speed.quiet} of {speed.pairs} pairs quiet)"
        )
    said.append(
        f"  part ways on {one.student_alone_right + one.teacher_alone_right + one.both_wrong} cases: "
        f"student alone right {one.student_alone_right}, teacher alone right {one.teacher_alone_right}, "
        f"both wrong {one.both_wrong}"
    )
    said += [
        f"    {case.case_id}: truth {_told(case.truth)}, student {_told(case.student)} {case.student_probability:.2f}, "
        f"teacher {_told(case.teacher)} {case.teacher_probability:.2f}"
        for case in one.parted[:_SHOWN]
    ]
    return said


def _told(labels: Sequence[str]) -> str:
    return " + ".join(labels) or "no label"


def _control(one: Against, right: str) -> list[str]:
    named = {"plain": "the same student without teachers", "dense": "a dense student of the same active cost"}[one.name]
    return [
        f"control, {named}: {right} {_share(one.accuracy)}, {one.parameters:,} parameters ({one.active:,} active), "
        f"{one.flops:,} operations a token",
        f"  student minus control: accuracy {_signed(one.accuracy_gain)}, log loss better by {_signed(one.nll_gain)}",
    ]


def _row(part: Slice) -> str:
    return (
        f"  {part.name:24}{part.student.accuracy.n:6d} {part.student.accuracy.value:9.3f} {part.teacher.accuracy.value:9.3f} "
        f"{part.agreement.value:6.3f} {part.student.ece:7.3f} {part.teacher.ece:7.3f}"
    )


def _share(share: Interval) -> str:
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f}, n {share.n})"


def _estimate(found: Estimate) -> str:
    return f"{found.value:.3g} ({found.low:.3g} to {found.high:.3g})"


def _signed(found: Estimate) -> str:
    return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"


def _cost(cost: Cost) -> str:
    return (
        f"{cost.parameters:,} parameters ({cost.active:,} active), {cost.weights / 2**20:.1f} MiB of weights, "
        f"{cost.working / 2**20:.1f} MiB at work on 32 cases"
    )
