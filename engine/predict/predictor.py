"""The predictor: the parts of a case in, an answer out, with everything that was computed on the way.

Shapes: B rows of a batch, C labels, D width, M modalities, S subsets of the present modalities.
"""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import torch

from engine.device import autocast, choose_device, torch_device
from engine.model.calibrated import Calibration
from engine.model.pretrained import Council
from engine.model.student import Outcome as Answer
from engine.model.student import Seen, sureness
from engine.predict.answers import told
from engine.predict.calibration import Floats, chances
from engine.predict.conformal import EVERY_LABEL, label_set
from engine.predict.contributions import Subset, interactions, log_odds, pattern_of, shapley, subsets
from engine.predict.enough import steps_for
from engine.predict.evidence import evidence_for
from engine.predict.inputs import describe
from engine.predict.novelty import Comparison
from engine.predict.outcome import Evidenced, failed_checks, judge, leaned_on
from engine.predict.partly import read_partly
from engine.predict.risk import DECISION
from engine.predict.trace import routing_trace
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.base import MODALITIES, Modality, new_id
from engine.schema.case import Part
from engine.schema.prediction import Contribution, Interaction, Novelty, Outcome, Prediction, Reason
from engine.store.blobs import Blobs

_UNMEASURED = Novelty(overall=0.0, measured=False)
_UNCALIBRATED = Calibration({}, {}, 0.1, {})
"""What a council without calibration is given: no temperature, and sets of every label."""


@dataclasses.dataclass(frozen=True)
class _Asked:
    """A case on its way through the predictor."""

    parts: Sequence[Part]
    case: PreparedCase
    present: tuple[Modality, ...]
    answer: Answer
    probs_C: Floats
    chosen: tuple[int, ...]
    novelty: Novelty


@dataclasses.dataclass(frozen=True)
class _Explained:
    contributions: tuple[Contribution, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    enough: tuple[Modality, ...] = ()


class Predictor:
    """One council, ready to answer; the same parts give the same answer every time."""

    def __init__(self, council: Council, device: str = "auto") -> None:
        self.council = council
        self._info = choose_device(device)
        self._device = torch_device(self._info)
        self._student = council.student.eval().to(self._device)
        self._names = tuple(label.name for label in council.labels)
        self._several = council.answers == "several"
        self._calibration = council.calibration or _UNCALIBRATED
        self._comparison = Comparison(council.reference) if council.reference is not None else None

    def predict(self, parts: Sequence[Part], blobs: Blobs, explain: bool = True, spare: bool = False) -> Prediction:
        """Return the answer for the readable parts of a case.

        Without `explain` the subsets are asked only where a failed quality check makes the outcome depend on them. With `spare` an
        input is not even prepared once it can no longer change the answer; what it would have contributed is then unknown.
        """
        began = time.perf_counter()
        spared = self._spared(parts, blobs) if spare and not explain else None
        asked = spared or self._answer(parts, blobs)
        failed = failed_checks(parts) & frozenset(asked.present)
        explained = self._explain(asked) if explain or failed else _Explained()
        outcome, reasons = self._judge(asked, failed, explained)
        if outcome == "not-sure":
            # It may be so for an input that could otherwise be spared: nothing less says the same.
            explained = dataclasses.replace(explained, enough=())
        unread = tuple(modality for modality in self._readable(parts) if modality not in asked.present)
        skipped = unread if spared is not None else ()  # else it was read, and there was nothing in it
        prediction = self._tell(asked, outcome, reasons, explained).model_copy(update={"skipped": skipped})
        return prediction.model_copy(update={"milliseconds": (time.perf_counter() - began) * 1000.0})

    def _spared(self, parts: Sequence[Part], blobs: Blobs) -> _Asked | None:
        """Return the answer after the first step that is sure enough; None where no step is, or an input failed its check."""
        if failed_checks(parts):
            return None
        seen: Seen | None = None
        for step in steps_for(self._calibration.enough, self._readable(parts)):
            some = [part for part in parts if part.modality in step.chosen]
            case = self.council.preparation.prepare(some, blobs)
            seen = self._look(case, seen)
            if frozenset(_there(case)) == step.chosen and float(seen.sure_B(self._several)[0]) >= step.sure:
                return self._asked(some, case, self._conclude(seen), blobs)
        return None

    def _readable(self, parts: Sequence[Part]) -> tuple[Modality, ...]:
        there = {part.modality for part in parts if part.decoded is not None}
        return tuple(modality for modality in MODALITIES if modality in there)

    @torch.inference_mode()
    def _look(self, case: PreparedCase, before: Seen | None) -> Seen:
        with autocast(self._info):
            return self._student.look(collate([case], self.council.preparation).to(self._device), before)

    @torch.inference_mode()
    def _conclude(self, seen: Seen) -> Answer:
        with autocast(self._info):
            return self._student.conclude(seen)

    def _answer(self, parts: Sequence[Part], blobs: Blobs) -> _Asked:
        case = self.council.preparation.prepare(parts, blobs)
        return self._asked(parts, case, self._ask(collate([case], self.council.preparation)), blobs)

    def _asked(self, parts: Sequence[Part], case: PreparedCase, answer: Answer, blobs: Blobs) -> _Asked:
        present = _there(case)
        probs_C = chances(_logits(answer)[0], self._calibration.temperature_of(case.pattern()), self._several)
        chosen = label_set(probs_C, self._calibration.threshold_of(case.pattern()))
        return _Asked(parts, case, present, answer, probs_C, chosen, self._novelty(answer, parts, blobs, present))

    @torch.inference_mode()
    def _ask(self, batch: Batch) -> Answer:
        with autocast(self._info):
            answer: Answer = self._student(batch.to(self._device))
        return answer

    def _novelty(self, answer: Answer, parts: Sequence[Part], blobs: Blobs, present: Sequence[Modality]) -> Novelty:
        if self._comparison is None:
            return _UNMEASURED
        fused_D, pooled_MD = answer.fused_BD[0].float().cpu().numpy(), answer.own_BMD[0].float().cpu().numpy()
        return self._comparison.novelty(fused_D, pooled_MD, describe(parts, blobs), present)

    def _explain(self, asked: _Asked) -> _Explained:
        """Ask once for every subset of the present modalities, side by side, and share the answer out among them."""
        wanted = subsets(asked.present)
        hidden_SM = torch.tensor([[modality not in chosen for modality in MODALITIES] for chosen in wanted])
        batch = collate([asked.case] * len(wanted), self.council.preparation).hide(hidden_SM)
        label = int(asked.probs_C.argmax())
        logits = dict(zip(wanted, _logits(self._ask(batch)), strict=True))
        values = {
            chosen: log_odds(logits_C, label, self._calibration.temperature_of(pattern_of(chosen)), self._several)
            for chosen, logits_C in logits.items()
        }
        return _Explained(
            shapley(values, asked.present), interactions(values, asked.present), self._enough(asked, logits)
        )

    def _enough(self, asked: _Asked, logits: Mapping[Subset, Floats]) -> tuple[Modality, ...]:
        """Return the inputs after which reading could have stopped and which do tell the same; none where all were needed."""
        for step in steps_for(self._calibration.enough, asked.present):
            pattern = pattern_of(step.chosen)
            probs_C = chances(logits[step.chosen], self._calibration.temperature_of(pattern), self._several)
            same = frozenset(label_set(probs_C, self._calibration.threshold_of(pattern))) == frozenset(asked.chosen)
            there_BM = torch.tensor([[modality in step.chosen for modality in MODALITIES]])
            sure = sureness(asked.answer.auxiliary_BMC[:1].cpu(), there_BM, self._several)
            both_2C = told(np.stack([probs_C, asked.probs_C]), self._several)
            if float(sure) >= step.sure and same and (both_2C[0] == both_2C[1]).all():
                return tuple(modality for modality in MODALITIES if modality in step.chosen)
        return ()

    def _judge(
        self, asked: _Asked, failed: frozenset[Modality], explained: _Explained
    ) -> tuple[Outcome, tuple[Reason, ...]]:
        return judge(
            Evidenced(
                modalities=asked.present,
                set_size=len(asked.chosen),
                num_labels=len(self._names),
                novelty=asked.novelty,
                failed=failed,
                leaned_on=leaned_on(explained.contributions, asked.present),
                calibrated=self.council.calibration is not None,
                compared=self._comparison is not None,
                shared_threshold=self._shared_threshold(asked.case.pattern()),
                hidden_threshold=self._calibration.hidden.get(asked.case.pattern(), 0),
                several=self._several,
                suggested=len(self._suggested(asked)),
            )
        )

    def _suggested(self, asked: _Asked) -> tuple[str, ...]:
        """Return the labels that are more likely than not, most probable first, where several may hold."""
        return tuple(self._names[c] for c in asked.chosen if self._several and asked.probs_C[c] >= DECISION)

    def _shared_threshold(self, pattern: str) -> int:
        """Return how many cases had this pattern where they were too few for a threshold of its own, else 0."""
        calibration = self._calibration
        if pattern in calibration.thresholds or calibration.threshold_of(pattern) >= EVERY_LABEL:
            return 0
        return max(1, calibration.n.get(pattern, 0))  # 0 would say that it has its own

    def _tell(self, asked: _Asked, outcome: Outcome, reasons: tuple[Reason, ...], explained: _Explained) -> Prediction:
        summary = self.council.summary
        return Prediction(
            prediction_id=new_id("pred"),
            model_id=summary.model_id if summary else "unnamed",
            model_name=summary.name if summary else "",
            outcome=outcome,
            reasons=reasons,
            labels=self._names,
            answers=self.council.answers,
            probabilities=tuple(asked.probs_C.tolist()),
            label_set=tuple(self._names[label] for label in asked.chosen),
            suggested=self._suggested(asked),
            decision=DECISION,
            alpha=self._calibration.alpha,
            modalities=asked.present,
            partly=read_partly(asked.case),
            contributions=explained.contributions,
            interactions=explained.interactions,
            enough=explained.enough,
            novelty=asked.novelty,
            routing=routing_trace(asked.answer, asked.case, self.council),
            evidence=evidence_for(summary, asked.case.pattern()),
            synthetic=bool(summary and summary.synthetic),
            at=datetime.now(UTC),
        )


def _there(case: PreparedCase) -> tuple[Modality, ...]:
    return tuple(modality for modality, there in zip(MODALITIES, case.present(), strict=True) if there)


def _logits(answer: Answer) -> Floats:
    return np.asarray(answer.logits_BC.double().cpu().numpy())
