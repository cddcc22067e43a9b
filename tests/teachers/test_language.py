from pathlib import Path

import numpy as np
import pytest
import torch

from engine.pretrained import door
from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.teachers.base import Roll
from engine.teachers.pretrained import LanguageModel
from engine.teachers.pretrained.language import CONTENT_FREE, DEFAULT_PROMPT, LabelScorer, label_words
from engine.train.folds import Fold
from tests.teachers import tiny

ROWS = np.arange(12)
FOLD = Fold(1, ROWS[:8], ROWS[8:])
LABELS = [i % 3 for i in range(12)]
TEXTS = [(f"{tiny.TEXTS[i % 3]} {i}", tiny.TEXTS[i % 3]) for i in range(11)] + [("", "")]
PROMPT = "{text} is: {label}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.gpt2(tmp_path_factory.mktemp("gpt2"))


def _plain(folder: Path, before: str, label: str) -> float:
    """Return the mean log-probability of a label's tokens, token by token in float64."""
    tokenizer, model = door.load(door.Source(str(folder)), "language")
    model = model.double()
    ids = tokenizer(before + label)["input_ids"]
    first = len(tokenizer(before.rstrip())["input_ids"])
    total = 0.0
    for place in range(first, len(ids)):
        with torch.no_grad():
            logits_V = model(input_ids=torch.tensor([ids[:place]])).logits[0, -1]
        total += float(logits_V.log_softmax(0)[ids[place]])
    return total / (len(ids) - first)


def test_scores_when_compared_with_a_plain_loop_over_tokens_then_are_equal(folder: Path) -> None:
    scorer = LabelScorer(*door.load(door.Source(str(folder)), "language"), torch.device("cpu"))
    found = scorer.scores("my card has not arrived is: ", tiny.NAMES)
    expected = [_plain(folder, "my card has not arrived is: ", name) for name in tiny.NAMES]
    assert found.tolist() == pytest.approx(expected, abs=1e-5)
    assert max(expected) - min(expected) > 0.01


def test_scores_when_labels_come_alone_or_together_then_are_the_same(folder: Path) -> None:
    scorer = LabelScorer(*door.load(door.Source(str(folder)), "language"), torch.device("cpu"))
    together = scorer.scores("some text is: ", tiny.NAMES)
    alone = torch.cat([scorer.scores("some text is: ", [name]) for name in tiny.NAMES])
    assert torch.allclose(together, alone, atol=1e-6)


def test_prior_when_corrected_then_a_text_that_says_nothing_favours_no_label(folder: Path, tmp_path: Path) -> None:
    room = tiny.room(tmp_path, LABELS, TEXTS)
    plain = LanguageModel(model=str(folder), prompt=PROMPT, prior=False).logits(room, list(CONTENT_FREE))
    corrected = LanguageModel(model=str(folder), prompt=PROMPT).logits(room, list(CONTENT_FREE))
    expected = plain - plain.softmax(1).mean(0).log()
    assert torch.allclose(corrected, expected, atol=1e-6)
    assert corrected.softmax(1).mean(0).std() < plain.softmax(1).mean(0).std()


def test_model_when_it_teaches_then_answers_are_calibrated_and_a_case_without_text_is_unknown(
    folder: Path, tmp_path: Path
) -> None:
    teacher = LanguageModel(model=str(folder), prompt=PROMPT)
    lessons = teacher.teach(tiny.room(tmp_path, LABELS, TEXTS), FOLD)
    assert lessons.answers_NVC.shape == (12, 2, 3)
    assert lessons.known_NV[:11].all()
    assert not lessons.known_NV[11].any()
    assert torch.allclose(lessons.answers_NVC.exp().sum(-1), torch.ones(12, 2), atol=1e-4)
    assert teacher.parameters > 1000


def test_lessons_when_asked_again_then_the_model_is_not_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = LanguageModel(model=str(folder)).teach(tiny.room(tmp_path, LABELS, TEXTS), FOLD)
    monkeypatch.setattr(door, "load", lambda *_: pytest.fail("the teacher was loaded again"))
    again = LanguageModel(model=str(folder)).teach(tiny.room(tmp_path, LABELS, TEXTS), FOLD)
    assert torch.equal(lessons.answers_NVC, again.answers_NVC)


def test_held_out_labels_when_changed_then_the_model_says_the_same(folder: Path, tmp_path: Path) -> None:
    other = [*LABELS[:8], 2, 2, 2, 2]
    said = [
        LanguageModel(model=str(folder)).teach(tiny.room(tmp_path, labels, TEXTS), FOLD) for labels in (LABELS, other)
    ]
    assert torch.equal(said[0].answers_NVC, said[1].answers_NVC)


def test_descriptions_when_given_then_stand_in_the_prompt_and_change_the_scores(folder: Path, tmp_path: Path) -> None:
    described = tuple(Label(name=name, description="x" if name == "card" else "") for name in tiny.NAMES)
    assert label_words(described) == (list(tiny.NAMES), "card: x\n")
    teacher = LanguageModel(model=str(folder), prompt="{descriptions}{text}: {label}", prior=False)
    plain = teacher.logits(tiny.room(tmp_path, LABELS, TEXTS), ["a b"])
    told = teacher.logits(tiny.room(tmp_path, LABELS, TEXTS, roll=Roll(labels=described)), ["a b"])
    assert (plain - told).abs().max() > 1e-4
    expected = [_plain(folder, "card: x\na b: ", name) for name in tiny.NAMES]
    assert told[0].tolist() == pytest.approx(expected, abs=1e-5)


def test_text_when_too_long_then_is_cut_and_the_label_is_still_asked(folder: Path, tmp_path: Path) -> None:
    teacher = LanguageModel(model=str(folder), prompt=PROMPT, prior=False)
    room = tiny.room(tmp_path, LABELS, TEXTS)
    found = teacher.logits(room, ["word " * 100, "word " * 200])
    assert torch.isfinite(found).all()
    assert torch.allclose(found[0], found[1], atol=1e-6)


@pytest.mark.parametrize("prompt", ["no places", "{text} only", "{label} then {text}", "{text} {text} {label}"])
def test_prompt_when_a_place_is_missing_then_says_which_are_needed(folder: Path, prompt: str) -> None:
    with pytest.raises(UserError, match=r"must end with \{label\}") as refused:
        LanguageModel(model=str(folder), prompt=prompt)
    assert "{label} 结尾" in refused.value.body().text("zh")


def test_folder_when_it_holds_no_language_model_then_says_so(tmp_path: Path) -> None:
    teacher = LanguageModel(model=str(tiny.vit(tmp_path / "vit")), prompt=DEFAULT_PROMPT)
    with pytest.raises(UserError, match="vit holds no language model"):
        teacher.teach(tiny.room(tmp_path, LABELS, TEXTS), FOLD)


def test_model_when_a_case_may_have_several_labels_then_tells_each_by_itself_and_held_out_marks_change_nothing(
    folder: Path, tmp_path: Path
) -> None:
    marks_NC = np.array([[i % 3 == 0, i % 2 == 0, True] for i in range(12)]).astype(np.int64)
    said = []
    for place, turned in enumerate((0, 1)):
        other_NC = marks_NC.copy()
        other_NC[FOLD.held] = np.abs(other_NC[FOLD.held] - turned)
        room = tiny.room(tmp_path / str(place), other_NC.tolist(), TEXTS)
        said.append(LanguageModel(model=str(folder), prompt=PROMPT).teach(room, FOLD).answers_NVC)
    assert torch.equal(said[0], said[1])
    chances_NC = said[0][:11, 0].exp()
    assert (chances_NC[:, 2:] > chances_NC[:, :2]).all(), "what always holds is not surer than what sometimes does"
    assert chances_NC.sum(1).max() > 1.2
