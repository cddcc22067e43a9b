from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.pretrained import door
from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.teachers.base import Roll
from engine.teachers.pretrained import LanguageModel, language
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
    assert label_words(described) == (list(tiny.NAMES), ["card: x\n"])
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


@pytest.mark.parametrize(("places", "longest"), [(96, 96), (1024, 1024), (4096, 2048)])
def test_limit_when_a_model_has_so_many_places_then_as_many_tokens_are_read_up_to_ours(
    tmp_path: Path, places: int, longest: int
) -> None:
    scorer = LabelScorer(*door.load(door.Source(str(tiny.gpt2(tmp_path, places))), "language"), torch.device("cpu"))
    assert scorer.longest == longest


def test_labels_when_what_stands_before_is_long_then_fewer_are_scored_together_and_alike(tmp_path: Path) -> None:
    folder = tiny.gpt2(tmp_path, 4096)
    scorer = LabelScorer(*door.load(door.Source(str(folder)), "language"), torch.device("cpu"))
    names = [f"label {i}" for i in range(40)]
    assert [len(ids_CL) for ids_CL, _, _ in scorer.prepared("a" * 400, names)] == [32, 8]
    batches = scorer.prepared("a" * 1900, names)
    assert max(ids_CL.numel() for ids_CL, _, _ in batches) <= 32 * 512
    assert sum(len(ids_CL) for ids_CL, _, _ in batches) == 40


def _described(descriptions: Sequence[str]) -> Roll:
    names = (*tiny.NAMES, *(f"other {i}" for i in range(len(descriptions) - 3)))
    return Roll(
        labels=tuple(Label(name=name, description=told) for name, told in zip(names, descriptions, strict=True))
    )


def _asked(folder: Path, text: str, roll: Roll, prompt: str = DEFAULT_PROMPT) -> str:
    """Return what stands before the label, as the model reads it: one token a byte."""
    scorer = LabelScorer(*door.load(door.Source(str(folder)), "language"), torch.device("cpu"))
    teacher = LanguageModel(model=str(folder), prompt=prompt)
    before = teacher._around(scorer, *label_words(roll.labels)).before(text, scorer)
    ids_CL, asked_CL, _ = scorer.prepared(before, ["card"])[0]
    tokenizer, _ = door.load(door.Source(str(folder)), "language")
    read = "".join(tokenizer.convert_ids_to_tokens(ids_CL[0][~asked_CL[0]].tolist()))
    return read.replace("Ġ", " ").replace("Ċ", "\n")


@pytest.mark.parametrize("length", [300, 2000])
@pytest.mark.parametrize("number", [3, 10])
def test_descriptions_when_they_are_longer_than_the_model_reads_then_leave_the_case_a_third_and_say_so(
    tmp_path: Path, length: int, number: int
) -> None:
    folder, texts = tiny.gpt2(tmp_path / "gpt2", 512), ["my card has not arrived", "the transfer is pending"]
    roll = _described(["short", *("x" * length for _ in range(number - 1))])
    said = _asked(folder, texts[0] + " word" * 400, roll)
    assert said.startswith("card: short\ntransfer: xxxx")
    assert said.endswith("\nIn one word, this is about:")
    case = said.rpartition("x\n")[2].removesuffix("\nIn one word, this is about:")
    assert case.startswith(texts[0])
    assert len(case) >= (512 - 60) / 3
    shares = [line.count("x") for line in said.split("\n")[1:number]]
    assert max(shares) - min(shares) <= 8
    logged: list[tuple[str, dict[str, object]]] = []
    room = tiny.room(
        tmp_path / "two",
        LABELS,
        roll=roll,
        num_labels=number,
        log=lambda code, facts: logged.append((code, dict(facts))),
    )
    scores = LanguageModel(model=str(folder)).logits(room, texts)
    assert (scores[0] - scores[1]).abs().max() > 1e-4
    told = [facts for code, facts in logged if code == "descriptions-shortened"]
    assert told == [{"teacher": "gpt2", "limit": 512}]


def test_descriptions_when_each_could_say_next_to_nothing_then_none_is_told(tmp_path: Path) -> None:
    roll = _described(["an infection of the lungs"] * 40)
    said = _asked(tiny.gpt2(tmp_path / "gpt2"), "fever", roll)
    assert said == "fever\nIn one word, this is about:"


def test_description_when_it_holds_the_place_of_the_text_then_the_case_is_still_read(folder: Path) -> None:
    roll = _described(["{text}", "", "{label}{descriptions}"])
    said = _asked(folder, "a b", roll, "{descriptions}{text}: {label}")
    assert said == "card: {text}\ncharge twice: {label}{descriptions}\na b:"


def test_room_when_labels_differ_in_tokens_then_is_what_the_one_with_most_leaves(folder: Path) -> None:
    scorer = LabelScorer(*door.load(door.Source(str(folder)), "language"), torch.device("cpu"))
    assert scorer.room("is: ", ["abcdefgh", "肺炎肺炎"]) == 96 - 4 - 12 - 2


def test_prompt_when_its_own_words_fill_the_model_then_is_refused(folder: Path, tmp_path: Path) -> None:
    teacher = LanguageModel(model=str(folder), prompt=f"{{text}}{'please ' * 12}: {{label}}")
    with pytest.raises(UserError) as refused:
        teacher.logits(tiny.room(tmp_path, LABELS, TEXTS), ["a b"])
    assert refused.value.code == "prompt-too-long"
    assert "96 tokens" in str(refused.value)
    assert "96 个词元" in refused.value.body().text("zh")


def test_scores_when_more_is_read_than_before_then_those_that_were_kept_are_not_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tiny.room(tmp_path, LABELS, TEXTS)
    made = []
    for procedure in (language._PROCEDURE, language._PROCEDURE, ("other",)):
        monkeypatch.setattr(language, "_PROCEDURE", procedure)
        LanguageModel(model=str(folder)).logits(room, ["a b"])
        made.append(room.cache.made)
    assert made == [1, 1, 2]
