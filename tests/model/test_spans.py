"""Spans: each token names the piece of the part it stands for."""

import itertools

import torch

from engine.model.spans import token_spans
from engine.preprocess.batch import collate
from tests.model.small_council import mixed, mixed_cases, student
from tests.preprocess.small_world import preparation, prepared


def test_tokens_when_resolved_then_there_is_one_span_a_token_of_its_modality() -> None:
    outcome = student()(mixed())
    spans = token_spans(outcome, mixed_cases(), preparation())
    assert [("text", "image", "audio").index(span.modality) for span in spans] == outcome.modality_T.tolist()


def test_a_case_when_resolved_then_words_pixels_and_seconds_are_covered_once() -> None:
    case = prepared(texts=(4,), audios=(41,))
    outcome = student()(collate([case], preparation()))
    spans = token_spans(outcome, [case], preparation())
    words = [(span.start, span.stop) for span in spans if span.modality == "text"]
    assert words == [(0, 1), (2, 3), (4, 5), (6, 7)]
    whole, *boxes = [span.box for span in spans if span.modality == "image" and span.box]
    assert whole == (0, 0, 1, 1)
    assert len(set(boxes)) == len(boxes) == 25
    assert abs(sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) - 1) < 1e-6
    heard, *seconds = [(span.start, span.stop) for span in spans if span.modality == "audio"]
    assert heard == (0, seconds[-1][1])
    assert seconds[0][0] == 0
    assert abs(seconds[-1][1] - 0.41) < 1e-9
    assert all(abs(a[1] - b[0]) < 1e-9 for a, b in itertools.pairwise(seconds))


def test_a_picture_when_a_corner_changes_then_the_tokens_whose_box_is_there_move_most() -> None:
    case = prepared(images=1, seed=1)
    plain, changed = collate([case], preparation()), collate([case], preparation())
    changed.images.pixels_NCHW[0, 0, :7, -7:] += 5.0  # the upper right corner
    moved_L = torch.zeros(26)
    for seed in range(5):  # any one random encoder may look askance
        encode = student(seed=seed).encoders["image"]
        with torch.no_grad():
            moved_L += (encode(changed.images).tokens_NLD - encode(plain.images).tokens_NLD)[0].norm(dim=1)
    span = token_spans(student()(plain), [case], preparation())[6 + int(moved_L[1:].argmax())]
    assert span.modality == "image"
    assert span.box is not None
    assert span.box[0] >= 0.6
    assert span.box[3] <= 0.4
