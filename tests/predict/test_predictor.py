"""The predictor: what it says of a case follows from the student, adds up, and is the same every time."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from engine.ingest.decode.audio import encode
from engine.ingest.decode.image import encode_png
from engine.model.calibrated import Calibration
from engine.model.pretrained import Council
from engine.model.student import routing_counts
from engine.predict.calibration import softmax
from engine.predict.contributions import log_odds, pattern_of, subsets
from engine.predict.predictor import Predictor
from engine.preprocess.audio import FRAMES_PER_SECOND
from engine.preprocess.batch import collate
from engine.schema.base import MODALITIES
from engine.schema.case import Case, Part, QualityFlag
from engine.schema.prediction import Prediction
from engine.store.blobs import Blobs

VOLATILE = {"prediction_id", "milliseconds", "at"}


@pytest.fixture(scope="module")
def predictor(council: Council) -> Predictor:
    return Predictor(council, "cpu")


@pytest.fixture(scope="module")
def whole(predictor: Predictor, whole_case: Case, blobs: Blobs) -> Prediction:
    return predictor.predict(whole_case.parts, blobs)


def stable(prediction: Prediction) -> dict[str, object]:
    return prediction.model_dump(exclude=VOLATILE)


def only(case: Case, *modalities: str) -> tuple[Part, ...]:
    return tuple(part for part in case.parts if part.modality in modalities)


def codes(prediction: Prediction) -> set[str]:
    return {reason.code for reason in prediction.reasons}


def test_the_same_parts_when_asked_twice_then_the_answer_is_the_same_to_the_bit(
    predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    assert stable(predictor.predict(whole_case.parts, blobs)) == stable(whole)


def test_an_answer_when_explained_or_not_then_says_the_same(
    predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    short = predictor.predict(whole_case.parts, blobs, explain=False)
    assert (short.probabilities, short.label_set, short.outcome) == (
        whole.probabilities,
        whole.label_set,
        whole.outcome,
    )
    assert short.contributions == ()


def test_probabilities_when_given_then_are_the_students_at_the_patterns_temperature(
    council: Council, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    prepared = council.preparation.prepare(whole_case.parts, blobs)
    with torch.inference_mode():
        logits_C = council.student(collate([prepared], council.preparation)).logits_BC[0].double().numpy()
    assert whole.probabilities == pytest.approx(softmax(logits_C, 0.9))
    assert sum(whole.probabilities) == pytest.approx(1.0)
    assert whole.labels[int(np.argmax(whole.probabilities))] == whole.best()


def test_the_set_when_given_then_holds_the_labels_within_the_threshold_most_probable_first(whole: Prediction) -> None:
    ranked = sorted(zip(whole.probabilities, whole.labels, strict=True), key=lambda pair: -pair[0])
    assert whole.label_set == tuple(label for p, label in ranked if 1 - p <= 0.9)


def test_contributions_when_added_then_are_the_log_odds_less_those_of_nothing(
    council: Council, predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    prepared = council.preparation.prepare(whole_case.parts, blobs)
    batch = collate([prepared, prepared], council.preparation)
    with torch.inference_mode():
        logits_BC = council.student(batch.hide(torch.tensor([[False] * 3, [True] * 3]))).logits_BC.double().numpy()
    label = whole.labels.index(whole.best())
    all_given, none_given = log_odds(logits_BC[0], label, 0.9), log_odds(logits_BC[1], label, 1.3)
    assert sum(given.log_odds for given in whole.contributions) == pytest.approx(all_given - none_given, abs=1e-5)
    p = whole.probabilities[label]
    assert all_given == pytest.approx(np.log(p / (1 - p)), abs=1e-5)


def test_contributions_when_each_subset_is_asked_alone_then_are_the_same(
    council: Council, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    label = whole.labels.index(whole.best())
    calibration = council.calibration
    worth = {}
    for chosen in subsets(MODALITIES):
        prepared = council.preparation.prepare(only(whole_case, *chosen), blobs)
        with torch.inference_mode():
            logits_C = council.student(collate([prepared], council.preparation)).logits_BC[0].double().numpy()
        worth[chosen] = log_odds(logits_C, label, calibration.temperature_of(pattern_of(chosen)))
    for contribution in whole.contributions:
        orders = list(itertools.permutations(MODALITIES))
        before = [frozenset(order[: order.index(contribution.modality)]) for order in orders]
        expected = np.mean([worth[b | {contribution.modality}] - worth[b] for b in before])
        assert contribution.log_odds == pytest.approx(expected, abs=1e-4)


def test_the_trace_when_counted_again_then_is_what_the_students_routing_says(
    council: Council, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    prepared = council.preparation.prepare(whole_case.parts, blobs)
    with torch.inference_mode():
        said = council.student(collate([prepared], council.preparation))
    trace = whole.routing
    assert np.asarray(trace.counts.flat()).tolist() == routing_counts(said).flatten().tolist()
    experts = np.frombuffer(trace.experts.raw(), "<i4").reshape(trace.experts.shape)
    weights = np.frombuffer(trace.weights.raw(), "<f4").reshape(trace.weights.shape)
    tokens, layers, chosen = experts.shape
    assert (layers, tokens) == (trace.layers, len(trace.spans))
    counted = np.zeros(trace.counts.shape, dtype=np.int64)
    for token, layer, k in itertools.product(range(tokens), range(layers), range(chosen)):
        counted[layer, experts[token, layer, k], MODALITIES.index(trace.spans[token].modality)] += 1
    assert counted.flatten().tolist() == trace.counts.flat()
    assert weights.sum(axis=2) == pytest.approx(np.ones((tokens, layers)), abs=1e-4)
    assert {span.part_id for span in trace.spans} == {part.part_id for part in whole_case.parts}


@pytest.mark.parametrize("kept", [("text",), ("image",), ("audio",), ("text", "audio")])
def test_a_case_when_modalities_are_missing_then_nothing_of_them_appears(
    predictor: Predictor, whole_case: Case, blobs: Blobs, kept: tuple[str, ...]
) -> None:
    prediction = predictor.predict(only(whole_case, *kept), blobs)
    assert prediction.modalities == kept
    assert {given.modality for given in prediction.contributions} == set(kept)
    assert set(prediction.novelty.by_modality) == set(kept)
    counts_LEM = np.asarray(prediction.routing.counts.flat()).reshape(prediction.routing.counts.shape)
    for m, modality in enumerate(MODALITIES):
        assert (counts_LEM[:, :, m].sum() > 0) == (modality in kept)


def test_a_case_when_nothing_is_readable_then_is_not_sure_and_says_so(predictor: Predictor, blobs: Blobs) -> None:
    prediction = predictor.predict((), blobs)
    assert (prediction.outcome, codes(prediction)) == ("not-sure", {"nothing-readable"})
    assert sum(prediction.routing.counts.flat()) == 0
    assert np.isfinite(prediction.probabilities).all()


def test_a_part_when_it_could_not_be_decoded_then_is_not_read(
    predictor: Predictor, whole_case: Case, blobs: Blobs
) -> None:
    parts = tuple(
        part.model_copy(update={"decoded": None}) if part.modality == "audio" else part for part in whole_case.parts
    )
    assert predictor.predict(parts, blobs).modalities == ("text", "image")


def test_a_flagged_picture_when_alone_then_the_answer_is_not_sure_for_its_quality(
    predictor: Predictor, whole_case: Case, blobs: Blobs
) -> None:
    (picture,) = only(whole_case, "image")
    flagged = picture.model_copy(update={"flags": (QualityFlag(code="blank-image"),)})
    prediction = predictor.predict((flagged,), blobs, explain=False)
    assert prediction.outcome == "not-sure"
    assert "quality-image" in codes(prediction)


def test_a_blank_page_when_beside_genuine_parts_then_is_named_as_unlike_training(
    predictor: Predictor, whole_case: Case, blobs: Blobs
) -> None:
    blank = blobs.put(encode_png(np.full((256, 256), 244, np.uint8)))
    parts = tuple(
        part.model_copy(update={"decoded": blank}) if part.modality == "image" else part for part in whole_case.parts
    )
    prediction = predictor.predict(parts, blobs)
    assert prediction.outcome == "not-sure"
    assert "unlike-training-image" in codes(prediction)
    assert prediction.novelty.by_modality["image"] == 100.0


def test_a_council_when_it_carries_no_calibration_then_is_never_sure(
    council: Council, whole_case: Case, blobs: Blobs
) -> None:
    bare = Predictor(dataclasses.replace(council, calibration=None), "cpu")
    prediction = bare.predict(whole_case.parts, blobs)
    assert prediction.outcome == "not-sure"
    assert "not-calibrated" in codes(prediction)
    assert len(prediction.label_set) == len(prediction.labels)


def test_a_council_when_it_carries_no_reference_then_is_never_sure(
    council: Council, whole_case: Case, blobs: Blobs
) -> None:
    bare = Predictor(dataclasses.replace(council, reference=None), "cpu")
    prediction = bare.predict(whole_case.parts, blobs)
    assert prediction.outcome == "not-sure"
    assert "not-compared" in codes(prediction)
    assert not prediction.novelty.measured


def test_evidence_when_the_pattern_was_measured_then_is_that_patterns_else_that_of_all(
    predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    assert (whole.evidence.n, whole.evidence.right, whole.evidence.pattern) == (90, 72, "text+image+audio")
    assert whole.evidence.out_of_fold
    alone = predictor.predict(only(whole_case, "text"), blobs).evidence
    assert (alone.n, alone.right, alone.pattern) == (120, 90, "all")


def test_a_case_when_several_parts_of_a_kind_are_given_then_all_are_read(
    predictor: Predictor, cases: list[Case], whole_case: Case, blobs: Blobs
) -> None:
    more = next(part for case in cases[::-1] for part in case.parts if part.modality == "image")
    prediction = predictor.predict((*whole_case.parts, more), blobs)
    assert {span.part_id for span in prediction.routing.spans} >= {more.part_id}


def test_a_case_when_it_has_too_many_tokens_to_tell_one_by_one_then_its_counts_remain(
    predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.predict.trace.MOST_CELLS", 10)
    trace = predictor.predict(whole_case.parts, blobs).routing
    assert trace.counts == whole.routing.counts
    assert (trace.spans, trace.experts, trace.weights) == ((), None, None)


def _longer(part: Part, blobs: Blobs, data: bytes) -> Part:
    kept = blobs.put(data)
    return part.model_copy(update={"original": kept, "decoded": kept})


def test_a_case_when_its_inputs_are_longer_than_the_model_reads_then_the_answer_says_how_much_was_read(
    predictor: Predictor, whole: Prediction, whole_case: Case, blobs: Blobs
) -> None:
    (text,), (sound,) = only(whole_case, "text"), only(whole_case, "audio")
    assert [one for one in whole.partly if one.modality == "text"] == []
    words = "cough and fever " * 60 + "黄脓痰，今日突发高热。  \n"
    long = predictor.predict([_longer(text, blobs, words.encode())], blobs, explain=False)
    (told,) = long.partly
    spans = [span for span in long.routing.spans if span.part_id == text.part_id]
    assert (told.part_id, told.modality, told.whole) == (text.part_id, "text", len(words.rstrip("。 \n")))
    assert 0 < told.read < told.whole / 2
    assert len(spans) == predictor.council.preparation.text_tokens

    again = words[: int(told.read)] + " ...!"
    assert predictor.predict([_longer(text, blobs, again.encode())], blobs, explain=False).partly == ()

    rate = 16_000
    wave_S = np.random.default_rng(1).normal(0, 0.1, 30 * rate).astype(np.float32)
    heard = predictor.predict([_longer(sound, blobs, encode(wave_S, rate, "WAV", "PCM_16"))], blobs, explain=False)
    (told,) = heard.partly
    seconds = predictor.council.preparation.audio_frames / FRAMES_PER_SECOND
    assert (told.modality, told.read, told.whole) == ("audio", pytest.approx(seconds), pytest.approx(30, abs=0.1))


def test_an_answer_that_is_not_sure_when_explained_then_names_no_input_that_could_have_been_spared(
    council: Council, cases: list[Case], blobs: Blobs
) -> None:
    easy = Calibration({"all": 1.0}, {"all": 1.0}, 0.1, {}, {"text+image>text+image+audio": 0.0})
    told = [case for case in cases if case.pattern() == "text+image+audio"]
    for calibration, sure in ((easy, {"all": 0.5}), (easy, {"all": 1.0})):
        kept = dataclasses.replace(calibration, thresholds=sure)
        answers = [
            Predictor(dataclasses.replace(council, calibration=kept), "cpu").predict(one.parts, blobs) for one in told
        ]
        assert all(not one.enough for one in answers if one.outcome == "not-sure")
        assert any(one.outcome == "not-sure" for one in answers)
