"""The dynamic choice at work: reading less is told as less, and what is skipped takes no part in the answer."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.demo.domains import DOMAINS
from engine.evaluate.dynamic import costs_of, hidden_but, mean_costs, measure_dynamic, told_from
from engine.model.calibrated import Calibration
from engine.model.flops import forward_flops
from engine.model.pretrained import Council
from engine.model.student import sureness
from engine.predict.contributions import subsets
from engine.predict.predictor import Predictor
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.base import MODALITIES
from engine.schema.case import Case
from engine.store.blobs import Blobs
from tests.small_council import build_council, small_cases

WHOLE = "text+image+audio"
CLASSES = len(DOMAINS["clinic"].world.labels)


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Blobs:
    return Blobs(tmp_path_factory.mktemp("blobs"))


@pytest.fixture(scope="module")
def cases(blobs: Blobs) -> list[Case]:
    return [case for case in small_cases(blobs) if case.pattern() == WHOLE]


@pytest.fixture(scope="module")
def council(blobs: Blobs) -> Council:
    return build_council(small_cases(blobs), blobs)


def _with(council: Council, **enough: float) -> Council:
    assert council.calibration is not None
    kept = {f"{chosen.replace('_', '+')}>{WHOLE}": sure for chosen, sure in enough.items()}
    return dataclasses.replace(council, calibration=dataclasses.replace(council.calibration, enough=kept))


def _prepared(council: Council, cases: Sequence[Case], blobs: Blobs) -> list[PreparedCase]:
    return [council.preparation.prepare(case.parts, blobs) for case in cases]


def test_answer_when_text_is_enough_then_is_that_of_the_text_alone_and_names_what_was_not_read(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    predictor = Predictor(_with(council, text=0.0), "cpu")
    spared = predictor.predict(cases[0].parts, blobs, explain=False, spare=True)
    alone = predictor.predict([part for part in cases[0].parts if part.modality == "text"], blobs, explain=False)
    assert spared.probabilities == alone.probabilities
    assert (spared.modalities, spared.skipped) == (("text",), ("image", "audio"))


def test_answer_when_an_input_was_read_and_empty_then_is_not_told_as_one_that_was_not_read(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    predictor = Predictor(_with(council), "cpu")
    nothing = blobs.put(b" \n")
    parts = [
        part.model_copy(update={"original": nothing, "decoded": nothing}) if part.modality == "text" else part
        for part in cases[0].parts
    ]
    for spare in (False, True):
        found = predictor.predict(parts, blobs, explain=False, spare=spare)
        assert (found.modalities, found.skipped) == (("image", "audio"), ())


def test_answer_when_skipped_files_are_gone_then_comes_all_the_same(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    parts = [
        part if part.modality == "text" else part.model_copy(update={"decoded": "0" * 64}) for part in cases[0].parts
    ]
    spared = Predictor(_with(council, text=0.0), "cpu").predict(parts, blobs, explain=False, spare=True)
    assert spared.skipped == ("image", "audio")


@pytest.mark.parametrize("enough", [{"text": 1.1}, {}])
def test_answer_when_no_step_is_sure_enough_then_everything_is_read(
    council: Council, cases: list[Case], blobs: Blobs, enough: dict[str, float]
) -> None:
    predictor = Predictor(_with(council, **enough), "cpu")
    spared = predictor.predict(cases[0].parts, blobs, explain=False, spare=True)
    whole = predictor.predict(cases[0].parts, blobs, explain=False)
    assert (spared.probabilities, spared.skipped, spared.modalities) == (whole.probabilities, (), MODALITIES)


def test_explained_answer_when_fewer_inputs_tell_the_same_then_they_are_named_and_all_are_read(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    one_each = Calibration({"all": 0.01}, {"all": 0.9}, 0.1, {}, {f"text+image>{WHOLE}": 0.0})
    predictor = Predictor(dataclasses.replace(council, calibration=one_each), "cpu")
    answers = [predictor.predict(case.parts, blobs) for case in cases]
    assert all(answer.modalities == MODALITIES for answer in answers)
    for answer, case in zip(answers, cases, strict=True):
        pair = predictor.predict([part for part in case.parts if part.modality != "audio"], blobs, explain=False)
        same = answer.label_set == pair.label_set and answer.outcome != "not-sure"
        assert answer.enough == (("text", "image") if same else ())
    assert any(answer.enough for answer in answers)


def test_figures_when_measured_then_are_those_of_both_ways_counted_case_by_case(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    chosen = frozenset({"text"})
    prepared = _prepared(council, cases, blobs)
    assert council.calibration is not None
    told = told_from(council.student, council.calibration, council.preparation, prepared, chosen)
    sure = float(np.median(told.sure_N))
    kept = _with(council, text=sure)
    assert kept.calibration is not None
    whole = told_from(council.student, kept.calibration, council.preparation, prepared, frozenset(MODALITIES))
    labels_N = whole.answer_NC.argmax(1)
    found = measure_dynamic(council.student, kept.calibration, council.preparation, prepared, labels_N, CLASSES)
    assert found is not None
    stops_N = told.sure_N >= sure
    right_N = np.where(stops_N, told.answer_NC.argmax(1), labels_N) == labels_N
    costs = costs_of(council.student, council.preparation, prepared[0], [chosen, frozenset(MODALITIES)])
    spent = costs[chosen] * float(stops_N.mean()) + costs[frozenset(MODALITIES)] * float((~stops_N).mean())
    assert (found.n, found.accuracy_whole, found.accuracy) == (len(cases), 1.0, pytest.approx(right_N.mean()))
    assert found.difference.value == pytest.approx(right_N.mean() - 1)
    assert found.difference.low <= found.difference.value <= found.difference.high
    assert found.skipped == {
        "text": 0.0,
        "image": pytest.approx(stops_N.mean()),
        "audio": pytest.approx(stops_N.mean()),
    }
    assert found.saved == pytest.approx(1 - spent / costs[frozenset(MODALITIES)], abs=0.02)


def test_student_when_it_looks_in_steps_then_concludes_as_if_it_had_looked_at_once(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    (case,) = _prepared(council, cases[:1], blobs)
    batch = collate([case], council.preparation)
    student = council.student
    with torch.inference_mode():
        first = student.look(hidden_but(batch, frozenset({"text"})))
        calls: list[str] = []
        hooks = [
            encoder.register_forward_hook(lambda *_, name=name: calls.append(name))
            for name, encoder in student.encoders.items()
        ]
        seen = student.look(batch, first)
        for hook in hooks:
            hook.remove()
        whole = student(batch)
    assert calls == ["image", "audio"]
    assert torch.equal(student.conclude(seen).logits_BC, whole.logits_BC)
    assert torch.equal(seen.auxiliary_BMC[:, 0], first.auxiliary_BMC[:, 0])
    assert float(first.sure_B(several=False)[0]) == pytest.approx(float(first.auxiliary_BMC[0, 0].softmax(0).max()))


def test_figures_when_the_model_reads_everything_then_there_are_none(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    assert council.calibration is not None
    calibration = dataclasses.replace(council.calibration, enough={})
    prepared = _prepared(council, cases, blobs)
    labels_N = np.zeros(len(cases), dtype=np.int64)
    assert measure_dynamic(council.student, calibration, council.preparation, prepared, labels_N, CLASSES) is None


def test_costs_when_counted_then_grow_with_what_is_read_and_hold_attention(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    (case,) = _prepared(council, cases[:1], blobs)
    wanted = [chosen for chosen in subsets(MODALITIES) if chosen]
    costs = costs_of(council.student, council.preparation, case, wanted)
    assert all(costs[less] < costs[more] for less in wanted for more in wanted if less < more)
    batch = hidden_but(collate([case], council.preparation), frozenset(MODALITIES))
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        council.student(batch)
    assert forward_flops(council.student, batch) > counter.get_total_flops()


def test_saved_operations_when_the_first_case_is_a_long_one_then_are_still_those_of_all_cases(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    kept, text, whole = _with(council, text=0.0), frozenset({"text"}), frozenset(MODALITIES)
    assert kept.calibration is not None
    few = _prepared(council, cases, blobs)
    long = dataclasses.replace(few[0], audios=few[0].audios * 6)
    prepared = [long, *(few * 20)[:40]]
    each = [costs_of(council.student, council.preparation, case, [text, whole]) for case in prepared]
    true = 1 - sum(costs[text] for costs in each) / sum(costs[whole] for costs in each)
    labels_N = np.zeros(len(prepared), dtype=np.int64)
    found = measure_dynamic(kept.student, kept.calibration, kept.preparation, prepared, labels_N, CLASSES)
    assert found is not None
    first = 1 - each[0][text] / each[0][whole]
    assert abs(found.saved - true) < 0.3 * abs(first - true)


def test_mean_costs_when_there_are_few_cases_then_are_over_all_and_otherwise_over_eight(
    council: Council, cases: list[Case], blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = frozenset(MODALITIES)
    few = _prepared(council, cases, blobs)[:3]
    long = dataclasses.replace(few[0], audios=few[0].audios * 6)
    each = [costs_of(council.student, council.preparation, case, [whole])[whole] for case in (long, few[1], few[2])]
    told = mean_costs(council.student, council.preparation, [long, few[1], few[2]], [whole])
    assert told == {whole: pytest.approx(np.mean(each))}
    seen: list[PreparedCase] = []

    def counted(_student: object, _preparation: object, case: PreparedCase, _wanted: object) -> dict[object, float]:
        seen.append(case)
        return {whole: 1.0}

    monkeypatch.setattr("engine.evaluate.dynamic.costs_of", counted)
    many = [dataclasses.replace(few[0]) for _ in range(80)]
    mean_costs(council.student, council.preparation, many, [whole])
    assert [next(i for i, one in enumerate(many) if one is case) for case in seen] == list(range(5, 80, 10))


def test_difference_when_nothing_changed_in_few_cases_then_its_interval_still_has_width(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    kept = _with(council, text=2.0)
    assert kept.calibration is not None
    prepared, labels_N = _prepared(council, cases, blobs)[:3], np.zeros(3, dtype=np.int64)
    found = measure_dynamic(kept.student, kept.calibration, kept.preparation, prepared, labels_N, CLASSES)
    assert found is not None
    assert found.difference.value == 0
    assert -1 < found.difference.low < -0.4
    assert 0.4 < found.difference.high < 1


def test_sureness_of_a_first_impression_when_counted_by_hand_is_the_chance_of_its_own_answer() -> None:
    auxiliary_BMC = torch.tensor([[[1.0, -2.0], [0.5, 0.25], [9.0, 9.0]]])
    there_BM = torch.tensor([[True, True, False]])
    one, other = 1 / (1 + np.exp(-1.5)), 1 / (1 + np.exp(1.75))
    several = sureness(auxiliary_BMC, there_BM, several=True)
    assert float(several[0]) == pytest.approx(one * (1 - other))
    single = sureness(auxiliary_BMC, there_BM, several=False)
    assert float(single[0]) == pytest.approx(np.exp(1.5) / (np.exp(1.5) + np.exp(-1.75)))


def test_choice_where_a_case_may_have_several_labels_when_measured_then_compares_answers_whole(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    assert council.calibration is not None
    text = frozenset({"text"})
    calibration = dataclasses.replace(
        council.calibration, several=True, thresholds={"all": 0.5}, enough={f"text>{WHOLE}": 0.0}
    )
    prepared = _prepared(council, cases, blobs)
    less, whole = (
        told_from(council.student, calibration, council.preparation, prepared, chosen)
        for chosen in (text, frozenset(MODALITIES))
    )
    assert set(whole.answer_NC.sum(1)) - {1}  # some are told none or several
    same_N = np.array([(a == b).all() for a, b in zip(less.answer_NC, whole.answer_NC, strict=True)])
    assert less.same(whole).tolist() == (same_N & (np.array(less.sets) == np.array(whole.sets))).tolist()
    found = measure_dynamic(
        council.student, calibration, council.preparation, prepared, whole.answer_NC.astype(np.int64), CLASSES
    )
    assert found is not None
    assert (found.accuracy_whole, found.accuracy) == (1.0, pytest.approx(same_N.mean()))
    assert found.told_otherwise == pytest.approx(1 - less.same(whole).mean())
    several = dataclasses.replace(council, calibration=calibration, answers="several")
    predictor = Predictor(several, "cpu")
    spared = predictor.predict(cases[0].parts, blobs, explain=False, spare=True)
    alone = predictor.predict([part for part in cases[0].parts if part.modality == "text"], blobs, explain=False)
    assert (spared.probabilities, spared.suggested) == (alone.probabilities, alone.suggested)
    assert (spared.modalities, spared.skipped) == (("text",), ("image", "audio"))
    told = [predictor.predict(case.parts, blobs) for case in cases]
    assert [bool(answer.enough) for answer in told] == less.same(whole).tolist()
