"""The training loop of one stage, read top to bottom: batch, error, step, tell, evaluate, keep.

Shapes: B cases, C labels, H held-out rows, V evaluations, L layers, E experts, M modalities.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.device import autocast, derived_seed, generator, seed_everything, torch_device
from engine.evaluate.measures import right_of
from engine.model.encoders.pretrained import tuned_rates
from engine.model.student import Student, build_student, count_parameters, routing_counts
from engine.model.trunk.experts import turned
from engine.predict.calibration import negative_log_likelihood
from engine.predict.risk import DECISION
from engine.preprocess.augment import Amounts, augment
from engine.preprocess.batch import Batch
from engine.preprocess.truth import is_several
from engine.schema.base import MODALITIES, Modality
from engine.schema.catalog import DeviceInfo
from engine.schema.errors import UserError
from engine.schema.event import Checkpoint, Metrics, PinnedCase, PinnedPredictions
from engine.train.average import WeightAverage
from engine.train.check_pass import CheckPass
from engine.train.checkpoint import ResumePoint, load_resume, save_rest, save_weights
from engine.train.guidance import Guide, guided
from engine.train.material import VIEWS, Material
from engine.train.objective import Fewer, Objective
from engine.train.optimizer import build_optimizer, pack_state, unpack_state
from engine.train.sampler import Sampler
from engine.train.schedule import rate_at
from engine.train.stage import Held, Stage, StageResult
from engine.train.telemetry import Pinned, Sink, Telemetry
from engine.train.together import Together
from engine.train.watch import getting_worse, ignored_inputs

EVALUATIONS = 8
"""Evaluations of a stage, about; each writes a checkpoint."""
_EVALUATION_BATCH = 256


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What all stages of a run share. `stopping` is asked once a step: it waits while paused and says whether to end."""

    run: Path
    material: Material
    device: DeviceInfo
    sink: Sink
    stopping: Callable[[], bool]
    progress: Callable[[str, int, int], None]
    check_rows: tuple[int, ...]
    pinned: Pinned
    guide: Guide | None = None

    def unguided(self) -> "Surroundings":
        """Return what teachers and dense controls learn among: no knowledge file but its descriptions of the labels."""
        if self.guide is None:
            return self
        material = self.material.without_knowledge()
        described = self.guide.knowledge.described(material.labels)
        return dataclasses.replace(self, guide=None, material=dataclasses.replace(material, labels=described))


def train_stage(around: Surroundings, stage: Stage) -> StageResult:
    """Train one stage to its end, or until it shall stop; goes on where a killed one left its last whole checkpoint."""
    return _Trainer(around, stage).run()


class _Trainer:
    def __init__(self, around: Surroundings, stage: Stage) -> None:
        self.around, self.stage = around, stage
        self.material, self.device = around.material, torch_device(around.device)
        self.sampler = Sampler(
            len(stage.learn), min(stage.optim.batch, len(stage.learn)), derived_seed(stage.seed, stage.luck)
        )
        seed_everything(derived_seed(stage.seed, stage.luck, "weights"))
        self.student = build_student(stage.student, self.material.preparation, len(self.material.labels))
        if stage.start is not None:
            self.student.load_state_dict(stage.start)
        self.guidance = guided(around.guide, self.student, self.material, stage)
        self.student.to(self.device)
        # What it starts from stays as it is: experts that are not alike would lose what parts them.
        alike = 0.0 if stage.start is not None else stage.optim.together * stage.optim.epochs
        self.together = Together(self.student, round(alike * self.sampler.steps_per_epoch))
        self.together.begin()
        if self.guidance is not None:
            self.guidance.to(self.device)
        self.average = WeightAverage(self.student, stage.optim.average)
        lessons = [lesson.to(self.device) for lesson in stage.lessons]
        smoothing = stage.optim.label_smoothing
        labels_N = self.material.labels_N[stage.learn]
        several, counts_C = is_several(labels_N), torch.from_numpy(_counts(labels_N, len(self.material.labels)))
        width = stage.student.width
        self.objective = Objective(stage.loss, smoothing, lessons, width, counts_C, several).to(self.device)
        for name, parameter in self.student.named_parameters():
            parameter.requires_grad_(not name.startswith(stage.frozen) if stage.frozen else True)
        named = [*self.student.named_parameters(), *self.objective.named_parameters()]
        self.optimizer = build_optimizer(
            named, stage.optim.learning_rate, stage.optim.weight_decay, tuned_rates(self.student)
        )
        self.learning = [parameter for _, parameter in named if parameter.requires_grad]
        self.telemetry = Telemetry(around.sink, stage.name, around.device)
        self.check = CheckPass(self.material, around.check_rows, around.device)
        self.step = 0
        self.kept_at: int | None = None
        """The step whose weights are kept with what they say of the held-out rows."""
        self.epochs: list[int] = []
        self.logits: list[NDArray[np.float32]] = []

    def run(self) -> StageResult:
        """Return what the stage made."""
        per_epoch = self.sampler.steps_per_epoch
        last = self.stage.epochs * per_epoch
        every = max(1, round(self.stage.optim.epochs / EVALUATIONS)) * per_epoch
        resumed = self._resume(every)
        if resumed is not None and resumed.done:
            return self._result(done=True)
        while self.step < last:
            if self.around.stopping():
                return self._end_early()
            self._learn()
            self.step += 1
            self.around.progress(self.stage.name, self.step, last)
            if self.step % every == 0 or self.step == last:
                self._evaluate_and_keep(done=self.step == last)
        return self._result(done=True)

    def _learn(self) -> None:
        """Take one step."""
        stage, per_epoch = self.stage, self.sampler.steps_per_epoch
        batch, view_B = self._batch()
        total = stage.optim.epochs * per_epoch
        share = rate_at(self.step, total, stage.optim.warmup, stage.optim.warmup_steps)
        for group in self.optimizer.param_groups:
            group["lr"] = stage.optim.learning_rate * share * group["share"]
        # Dropout draws from the global generator: seeded by the step, it needs no state in a checkpoint.
        seed_everything(derived_seed(stage.seed, stage.luck, "dropout", self.step))
        self.student.train()
        with autocast(self.around.device):
            outcome = self.student(batch, None, True) if stage.loss.attention else self.student(batch)
            if self.guidance is not None:
                outcome = self.guidance.heard(outcome, self.step)
            done, fewer = self.step / max(1, total - 1), self._fewer(batch)
            parts = self.objective(outcome, batch.labels_B, batch.rows_B, view_B, done, fewer)
            if self.guidance is not None:
                parts = self.guidance.add(parts, outcome, batch.labels_B, batch.rows_B, done)
        if not math.isfinite(parts["loss"].item()):
            raise UserError("not-finite", step=self.step)
        self.optimizer.zero_grad(set_to_none=True)
        parts["loss"].backward()
        self.together.pool(self.step)
        norm = torch.nn.utils.clip_grad_norm_(self.learning, stage.optim.clip)
        self.optimizer.step()
        counts_LEM = routing_counts(outcome)
        self.student.rebalance(counts_LEM)
        self.average.update(self.student, self.step)
        right = _right(outcome.logits_BC, batch.labels_B).float().mean()
        rate = torch.full((), self.optimizer.param_groups[0]["lr"], device=self.device)
        told = {**parts, "accuracy": right, "gradient_norm": norm, "learning_rate": rate}
        self.telemetry.step(self.step, self.step / per_epoch, told, counts_LEM, outcome)

    def _batch(self) -> tuple[Batch, Tensor]:
        """Return the batch of this step, in drawn versions, changed a little, with modalities hidden; and the versions."""
        stage = self.stage
        dice = generator(stage.seed, stage.luck, "batch", self.step)
        rows = stage.learn[self.sampler.rows(self.step)]
        augmenting = stage.optim.augment > 0
        view_B = (
            torch.randint(VIEWS, (len(rows),), generator=dice)
            if augmenting
            else torch.zeros(len(rows), dtype=torch.long)
        )
        batch = self.material.batch(rows, view_B.tolist())
        amounts = Amounts(flip=stage.optim.flip)
        batch = augment(batch, self.material.preparation, stage.optim.augment, dice, amounts)
        batch = batch.hide(hidden_modalities(batch.present_BM, stage.optim.modality_dropout, dice))
        return batch.to(self.device), view_B.to(self.device)

    def _fewer(self, batch: Batch) -> Fewer | None:
        """Return what the student says with one modality less; None, and no second pass, where the loss does not ask.

        The file is silent on the same cases as in the first pass: what is compared may differ by the modality alone.
        """
        if not self.stage.loss.more_not_worse:
            return None
        dice = generator(self.stage.seed, self.stage.luck, "fewer", self.step)
        hidden_BM = one_hidden(batch.present_BM.cpu(), dice).to(self.device)
        with torch.no_grad():  # it is held fixed, see `losses.more_not_worse`
            outcome = self.student(batch.hide(hidden_BM))
            if self.guidance is not None:
                outcome = self.guidance.heard(outcome, self.step)
            return Fewer(outcome.logits_BC, hidden_BM.any(1))

    def _evaluate_and_keep(self, done: bool) -> None:
        """Answer for held-out, pinned and check cases with the averaged weights of this moment, and write these weights."""
        per_epoch = self.sampler.steps_per_epoch
        epoch = round(self.step / per_epoch)
        self.telemetry.flush(self.step, self.step / per_epoch)
        self._measure_held(epoch)
        self._tell_pinned()
        facts = {"stage": self.stage.name, "step": self.step, "epoch": epoch}
        facts |= {"student": self.stage.student, "labels": len(self.material.labels)}
        name, sha256 = save_weights(self.around.run, facts, self.average.student.state_dict())
        self.around.sink(Checkpoint(step=self.step, name=name, sha256=sha256))
        if self.around.check_rows:
            self.telemetry.check(self.check.run(self.average.student, self.step), self.step, name)
        if done:
            self.telemetry.settle(self.check.settled())
            self._look_for_ignored()
        point = {"step": self.step, "epoch": epoch, "checkpoint": name, "weights": sha256, "done": done}
        save_rest(self.around.run, self.stage.name, point, self._rest())
        self.kept_at = self.step

    def _measure_held(self, epoch: int) -> None:
        held = self.stage.held
        if not len(held):
            return
        logits_HC = answer(self.average.student, self.material, held, self.around.device).logits_NC
        self.epochs.append(epoch)
        self.logits.append(logits_HC)
        labels_H = self.material.labels_N[held]
        nll = negative_log_likelihood(logits_HC.astype(np.float64), labels_H)
        right = float(right_of(logits_HC, labels_H, 0.0).mean())
        values = {"accuracy": right, "nll": nll}
        if is_several(labels_H):
            values["label_accuracy"] = float(((logits_HC >= 0) == labels_H).mean())
        self.around.sink(Metrics(step=self.step, epoch=epoch, split="check", values=values, stage=self.stage.name))
        if self.stage.is_fold:  # a teacher goes its passes, and what it makes of them is measured when it teaches
            self.telemetry.alert(getting_worse(self.epochs, self.logits, labels_H, self.stage.name))

    def _look_for_ignored(self) -> None:
        """Tell which inputs a fold's student does without, now that it is done; one of a teacher's says nothing of the council."""
        held, device = self.stage.held, self.around.device
        if not len(held) or not self.stage.is_fold:
            return
        said = answer(self.average.student, self.material, held, device)

        def without(modality: Modality, rows: NDArray[np.int64]) -> NDArray[np.float32]:
            return answer(self.average.student, self.material, held[rows], device, hidden=modality).logits_NC

        labels_H = self.material.labels_N[held]
        found = ignored_inputs(said.logits_NC, labels_H, said.present_NM, without, self.stage.name)
        self.telemetry.alert(found)

    def _tell_pinned(self) -> None:
        pinned, names = self.around.pinned, tuple(label.name for label in self.material.labels)
        if not pinned.rows:
            return
        logits_NC = torch.from_numpy(
            answer(self.average.student, self.material, pinned.rows, self.around.device).logits_NC
        )
        several = is_several(self.material.labels_N)
        chances = (logits_NC.sigmoid() if several else logits_NC.softmax(1)).tolist()
        shown = zip(pinned.case_ids, pinned.titles, pinned.truths, chances, strict=True)
        cases = tuple(
            PinnedCase(
                case_id=case_id,
                title=title,
                truth="" if several else truths[0],
                label=names[int(np.argmax(p))],
                probability=max(p),
                probabilities=tuple(p),
                truths=truths if several else None,
                suggested=tuple(name for name, q in zip(names, p, strict=True) if several and q >= DECISION),
            )
            for case_id, title, truths, p in shown
        )
        self.around.sink(PinnedPredictions(step=self.step, labels=names, cases=cases))

    def _end_early(self) -> StageResult:
        """Keep what there is: weights that were not evaluated at this very step are evaluated and kept like any other."""
        if self.step != self.kept_at:
            self._evaluate_and_keep(done=False)
        self.telemetry.settle(self.check.settled())
        return self._result(done=False)

    def _rest(self) -> dict[str, Tensor]:
        rest = pack_state(self.optimizer)
        rest |= {f"objective:{name}": tensor for name, tensor in self.objective.state_dict().items()}
        rest |= {f"newest:{name}": tensor for name, tensor in self.student.state_dict().items()}
        rest |= {f"check:{name}": tensor for name, tensor in self.check.pack().items()}
        if self.logits:
            rest |= {"held:epochs": torch.tensor(self.epochs), "held:logits": torch.from_numpy(np.stack(self.logits))}
        return rest

    def _resume(self, every: int) -> ResumePoint | None:
        """Go on from the last whole checkpoint of this stage, where there is one.

        An evaluation out of turn, made because the run was ending, is forgotten: it would not be there had the run gone on.
        """
        found = load_resume(self.around.run, self.stage.name)
        if found is None:
            return None
        point, weights, rest = found
        if turned(weights).keys() != weights.keys():  # the optimiser's moments lie as the weights did then: begin anew
            return None
        self.average.student.load_state_dict(weights)
        self.student.load_state_dict(_under("newest:", rest))
        self.objective.load_state_dict(_under("objective:", rest))
        unpack_state(self.optimizer, rest)
        self.step = point.step
        out_of_turn = self.step % every and not point.done
        self.check.unpack(_under("check:", rest))
        if out_of_turn:
            self.check.forget_last()
        if "held:epochs" in rest:
            self.epochs = rest["held:epochs"].tolist()
            self.logits = list(rest["held:logits"].numpy())
            if out_of_turn:
                del self.epochs[-1], self.logits[-1]
        self.kept_at = None if out_of_turn else self.step
        return point

    def _result(self, done: bool) -> StageResult:
        weights = {name: tensor.detach().cpu().clone() for name, tensor in self.average.student.state_dict().items()}
        shape = (0, len(self.stage.held), len(self.material.labels))
        logits_VHC = np.stack(self.logits) if self.logits else np.zeros(shape, dtype=np.float32)
        epoch = round(self.step / self.sampler.steps_per_epoch)
        held = Held(tuple(self.epochs), logits_VHC)
        return StageResult(self.stage.name, weights, held, epoch, done, count_parameters(self.student))


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _counts(labels_N: NDArray[np.int64], labels: int) -> NDArray[np.int64]:
    """Return the cases of each label, (C,); where a case may have several those with it and those without, (2, C)."""
    if is_several(labels_N):
        return np.stack([labels_N.sum(0), len(labels_N) - labels_N.sum(0)])
    return np.bincount(labels_N, minlength=labels)


def _right(logits_BC: Tensor, labels_B: Tensor) -> Tensor:
    if labels_B.dim() == 2:
        return ((logits_BC >= 0) == labels_B.bool()).all(1)
    return logits_BC.argmax(1) == labels_B


def hidden_modalities(present_BM: Tensor, chance: float, dice: torch.Generator) -> Tensor:
    """Return which present modalities to hide, each with the given chance (ModDrop, arXiv:1501.00102); never all of a case."""
    hidden_BM = (torch.rand(present_BM.shape, generator=dice) < chance) & present_BM
    return hidden_BM & (present_BM & ~hidden_BM).any(1, keepdim=True)


def one_hidden(present_BM: Tensor, dice: torch.Generator) -> Tensor:
    """Return one present modality to hide of each case that has at least two, drawn evenly; none of the others."""
    drawn_BM = torch.rand(present_BM.shape, generator=dice).masked_fill(~present_BM, -1.0)
    hidden_BM = torch.nn.functional.one_hot(drawn_BM.argmax(1), present_BM.shape[1]).bool()
    return hidden_BM & (present_BM.sum(1, keepdim=True) >= 2)


@dataclasses.dataclass(frozen=True)
class Said:
    """What a student makes of cases: logits, fused and pooled vectors, which modalities there were."""

    logits_NC: NDArray[np.float32]
    fused_ND: NDArray[np.float32]
    pooled_NMD: NDArray[np.float32]
    present_NM: NDArray[np.bool_]


@torch.inference_mode()
def answer(
    student: Student,
    material: Material,
    rows: Sequence[int] | NDArray[np.int64],
    device: DeviceInfo,
    hidden: Modality | None = None,
) -> Said:
    """Return what a student in evaluation mode says of some rows, as they are or with one modality hidden."""
    student.eval()
    found = []
    hidden_M = torch.tensor([modality == hidden for modality in MODALITIES])
    for start in range(0, len(rows), _EVALUATION_BATCH):
        batch = material.batch(rows[start : start + _EVALUATION_BATCH])
        batch = batch.hide(hidden_M.expand(batch.size, -1)) if hidden is not None else batch
        with autocast(device):
            outcome = student(batch.to(torch_device(device)))
        found.append((outcome.logits_BC, outcome.fused_BD, outcome.own_BMD, outcome.present_BM))
    logits, fused, pooled, present = (torch.cat(part).cpu() for part in zip(*found, strict=True))
    return Said(logits.float().numpy(), fused.float().numpy(), pooled.float().numpy(), present.numpy())
