import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.pretrained import door
from engine.schema.config import StudentConfig
from engine.schema.errors import UserError
from engine.teachers.base import Classroom
from engine.teachers.embeddings import Embeddings
from engine.teachers.lessons import LessonCache, Lessons
from engine.teachers.pretrained import PretrainedText, default_folder
from engine.train.folds import Fold
from tests.conftest import ROOT

TEXTS = ("my card has not arrived", "the transfer is still pending", "i was charged twice")


def _room(folder: Path, texts: list[tuple[str, ...]], labels: list[int], groups: list[str]) -> Classroom:
    def train(*_: object) -> None:
        raise AssertionError("a frozen teacher trains no model")

    return Classroom(
        texts=texts,
        labels_N=np.array(labels),
        groups=groups,
        num_labels=max(labels) + 1,
        cache=LessonCache(folder),
        seed=1,
        student=StudentConfig(),
        train=train,  # type: ignore[arg-type]
        batches=lambda shape: [],
        progress=lambda done, total: None,
    )


def _tiny_teacher(folder: Path) -> Path:
    """Write a tiny BERT with its tokenizer, as anybody's own folder would hold it."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = sorted({word for text in TEXTS for word in text.split()})
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")
    fast.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(folder)
    return folder


def test_own_folder_when_named_then_teaches_through_the_same_door(tmp_path: Path) -> None:
    teacher = PretrainedText(model=str(_tiny_teacher(tmp_path / "own")))
    texts = [(TEXTS[i % 3], TEXTS[i % 3].rpartition(" ")[0]) for i in range(30)] + [("", "")]
    labels, groups = [i % 3 for i in range(31)], [f"g{i % 3}" for i in range(31)]
    rows = np.arange(31)
    fold = Fold(1, rows[rows % 4 != 0], rows[rows % 4 == 0])
    lessons = teacher.teach(_room(tmp_path / "lessons", texts, labels, groups), fold)
    assert lessons.answers_NVC.shape == (31, 2, 3)
    assert lessons.hidden_NVD is not None
    assert lessons.hidden_NVD.shape == (31, 2, 16)
    assert lessons.known_NV[:30].all()
    assert not lessons.known_NV[30].any()
    sums = lessons.answers_NVC.exp().sum(-1)
    assert torch.allclose(sums, torch.ones_like(sums), atol=1e-4)
    assert teacher.parameters > 500


def test_held_out_labels_when_changed_then_the_teacher_says_the_same(tmp_path: Path) -> None:
    teacher = PretrainedText(model=str(_tiny_teacher(tmp_path / "own")))
    texts = [(TEXTS[i % 3],) for i in range(24)]
    rows = np.arange(24)
    fold = Fold(1, rows[:16], rows[16:])
    said: list[Lessons] = []
    for flipped in (0, 1):
        labels = [(i + flipped * (i >= 16)) % 3 for i in range(24)]
        said.append(teacher.teach(_room(tmp_path / f"l{flipped}", texts, labels, [""] * 24), fold))
    assert torch.equal(said[0].answers_NVC, said[1].answers_NVC)


@pytest.mark.parametrize("name", ["nowhere/folder", "some-hub/model-that-is-not-here"])
def test_teacher_when_it_is_not_on_this_computer_then_says_so_and_fetches_nothing(tmp_path: Path, name: str) -> None:
    teacher = PretrainedText(model=name)
    room = _room(tmp_path, [("a b",), ("c d",)], [0, 1], ["", ""])
    with pytest.raises(UserError, match="not on this computer"):
        teacher.teach(room, Fold(1, np.array([0]), np.array([1])))


def test_default_teacher_when_its_weights_are_not_as_pinned_then_refuses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(door, "default_folder", lambda *_: tmp_path)
    with pytest.raises(UserError, match="not the file it should be"):
        PretrainedText()


def test_default_teacher_when_its_package_is_missing_then_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "DEFAULT_PACKAGE", "a_package_that_is_not_here")
    with pytest.raises(UserError, match="Run the set-up again"):
        PretrainedText()


def test_default_teacher_when_asked_then_like_texts_are_nearer_than_unlike_ones() -> None:
    pytest.importorskip(door.DEFAULT_PACKAGE)
    assert (default_folder() / "config.json").is_file()
    vectors_ND = PretrainedText().embed(["my card was stolen", "somebody took my card", "how high is the interest"])
    near, far = (vectors_ND[0] @ vectors_ND[1]).item(), (vectors_ND[0] @ vectors_ND[2]).item()
    assert near > far + 0.2


def test_embeddings_when_interrupted_then_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def embed(texts: object) -> torch.Tensor:
        batch = list(texts)  # type: ignore[call-overload]
        if any(text == "poison" for text in batch):
            raise InterruptedError
        asked.extend(batch)
        return torch.tensor([[float(len(text)), 1.0] for text in batch])

    first = Embeddings(LessonCache(tmp_path), "t" * 64, embed)
    found = first.of(["one", "three", "one"], lambda done, total: None)
    assert found.tolist() == [[3.0, 1.0], [5.0, 1.0], [3.0, 1.0]]
    with pytest.raises(InterruptedError):
        first.of(["one", "poison"], lambda done, total: None)
    again = Embeddings(LessonCache(tmp_path), "t" * 64, embed)
    again.of(["three", "seventeen", "one"], lambda done, total: None)
    assert asked == ["one", "three", "seventeen"]
    other = Embeddings(LessonCache(tmp_path), "u" * 64, embed)
    other.of(["one"], lambda done, total: None)
    assert asked[-1] == "one"


def test_teachers_room_when_imported_then_loads_no_transformers() -> None:
    code = "import sys, engine.teachers, json; print(json.dumps('transformers' in sys.modules))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout) is False
