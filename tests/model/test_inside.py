"""Pretrained encoders kept inside: read with their own processor, shared where they stay as they came, whole in the model folder."""

import copy
import dataclasses
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.evaluate.speed import weight_bytes
from engine.model.encoders.choices import open_inside
from engine.model.encoders.pretrained import PretrainedEncoder, tuned_rates
from engine.model.flops import forward_flops
from engine.model.pretrained import Council, load_council, save_council
from engine.model.spans import token_spans
from engine.model.student import Student, build_student, count_parameters
from engine.preprocess.augment import augment
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import Preparation, PreparedCase
from engine.pretrained.inside import Inside, gridded, stretched
from engine.schema.base import Modality
from engine.schema.case import Label
from engine.schema.config import Choice, StudentConfig
from engine.schema.errors import UserError
from tests.preprocess.small_world import SMALL, SmallWorld, picture, tone
from tests.teachers import tiny

Make = Callable[[Path], Path]
MODELS: dict[str, tuple[Modality, Make]] = {
    "bert": ("text", tiny.bert),
    "gpt2": ("text", tiny.gpt2),
    "vit": ("image", tiny.vit),
    "wav2vec2": ("audio", tiny.wav2vec2),
    "whisper": ("audio", tiny.whisper),
}
EVERY = pytest.mark.parametrize("name", MODELS)
LABELS = (Label(name="one"), Label(name="other"))


class Kept:
    """Four cases, and a student whose encoder of one modality is a tiny pretrained one."""

    def __init__(self, folder: Path, name: str, **settings: int | float) -> None:
        self.modality, make = MODELS[name]
        self.source = make(folder / name)
        self.world = SmallWorld(folder)
        self.cases = self.world.cases()
        choice = Choice(name="pretrained", settings={"model": str(self.source), **settings})
        self.config: StudentConfig = SMALL.model_copy(update={self.modality: choice})
        fitted = Preparation.fit(self.cases, self.world.blobs, self.config)
        self.preparation = open_inside(fitted, self.config)
        torch.manual_seed(0)
        self.student = build_student(self.config, self.preparation, len(LABELS)).eval()

    @property
    def encoder(self) -> PretrainedEncoder:
        found = self.student.encoders[self.modality]
        assert isinstance(found, PretrainedEncoder)
        return found

    def prepared(self) -> list[PreparedCase]:
        return [self.preparation.prepare(case.parts, self.world.blobs) for case in self.cases]

    def batch(self) -> Batch:
        return collate(self.prepared(), self.preparation)

    def council(self) -> Council:
        return Council(self.student, self.preparation, LABELS, self.config)


@EVERY
def test_student_when_an_encoder_is_kept_inside_then_answers_each_case_as_if_alone(tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path, name)
    together = kept.student(kept.batch())
    assert together.logits_BC.isfinite().all()
    for row, case in enumerate(kept.prepared()):
        alone = kept.student(collate([case], kept.preparation))
        assert torch.allclose(alone.logits_BC[0], together.logits_BC[row], atol=1e-4)


@EVERY
def test_model_folder_when_moved_and_the_encoder_is_gone_then_gives_the_same_numbers(tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path, name)
    before = kept.student(kept.batch()).logits_BC
    save_council(tmp_path / "model", kept.council())
    shutil.rmtree(kept.source)
    shutil.move(tmp_path / "model", tmp_path / "elsewhere")
    council = load_council(tmp_path / "elsewhere")
    cases = [council.preparation.prepare(case.parts, kept.world.blobs) for case in kept.cases]
    assert torch.equal(council.student(collate(cases, council.preparation)).logits_BC, before)
    said = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "elsewhere").glob("*.json"))
    assert str(tmp_path) not in said
    kinds = {path.suffix for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()}
    assert kinds <= {".json", ".safetensors", ".txt"}
    save_council(tmp_path / "again", council)
    assert sorted(path.name for path in (tmp_path / "again").rglob("*")) == sorted(
        path.name for path in (tmp_path / "elsewhere").rglob("*")
    )


@EVERY
def test_weights_when_the_encoder_stays_as_it_came_then_are_shared_counted_and_not_among_what_is_learned(
    tmp_path: Path, name: str
) -> None:
    kept = Kept(tmp_path, name)
    inside = sum(p.numel() for p in kept.encoder.inside.encoder.model.parameters())
    assert kept.encoder.inside.told.parameters == inside > 500
    assert count_parameters(kept.student)[0] == inside + sum(p.numel() for p in kept.student.parameters())
    assert weight_bytes([kept.student]) >= 4 * count_parameters(kept.student)[0]
    twin = copy.deepcopy(kept.student)
    assert twin.encoders[kept.modality].inside is kept.encoder.inside
    kept.student.train()(kept.batch()).logits_BC.square().sum().backward()
    assert kept.encoder.map.weight.grad is not None
    assert all(p.grad is None for p in kept.encoder.inside.encoder.model.parameters())


def test_states_when_a_share_is_to_be_hidden_then_two_readings_differ_while_learning_alone(tmp_path: Path) -> None:
    kept, plain = Kept(tmp_path, "bert", states_dropout=0.9), Kept(tmp_path / "plain", "bert")
    items = kept.batch().texts
    kept.student.train()
    first, second = (kept.encoder(items).tokens_NLD for _ in range(2))
    assert not torch.equal(first, second)
    kept.student.eval()
    first, second = (kept.encoder(items).tokens_NLD for _ in range(2))
    assert torch.equal(first, second)
    assert (kept.encoder.dropout.p, plain.encoder.dropout.p) == (0.9, plain.config.dropout)


@pytest.mark.parametrize("name", ["bert", "vit", "whisper"])
def test_last_layers_when_learned_further_then_move_alone_and_lie_in_the_weights(tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path, name, tuned_layers=1, tuned_rate=0.1)
    other = build_student(kept.config, kept.preparation, len(LABELS))
    own, model = dict(kept.encoder.tuned.named_parameters()), kept.encoder.inside.encoder.model
    prefix = f"encoders.{kept.modality}.tuned."
    assert {key.removeprefix(prefix) for key in kept.student.state_dict() if key.startswith(prefix)} == set(own)
    assert tuned_rates(kept.student) == {prefix: 0.1}
    kept.student.train()(kept.batch()).logits_BC.square().sum().backward()
    assert all(p.grad is not None for key, p in own.items() if not key.endswith("k_proj.bias"))
    assert {id(p) for p in model.parameters() if p.requires_grad} == {id(p) for p in own.values()}
    with torch.no_grad():
        for parameter in own.values():
            parameter.add_(0.1)
    before = kept.student.eval()(kept.batch()).logits_BC
    assert not torch.allclose(other.eval()(kept.batch()).logits_BC, before, atol=1e-3)
    follower = copy.deepcopy(kept.student)
    assert torch.equal(follower(kept.batch()).logits_BC, before)
    with torch.no_grad():
        next(iter(own.values())).add_(1.0)
    assert torch.equal(follower(kept.batch()).logits_BC, before)
    save_council(tmp_path / "model", dataclasses.replace(kept.council(), student=follower))
    shutil.rmtree(kept.source)
    council = load_council(tmp_path / "model")
    assert torch.equal(council.student(kept.batch()).logits_BC, before)


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_word_spans_when_a_tokenizer_of_its_own_reads_then_are_the_characters_of_the_text(
    tmp_path: Path, name: str
) -> None:
    kept = Kept(tmp_path, name)
    case = kept.preparation.prepare([kept.world.text("no card yet")], kept.world.blobs)
    spans = token_spans(kept.student(collate([case], kept.preparation)), [case], kept.preparation)
    assert "".join("no card yet"[int(span.start) : int(span.stop)] for span in spans).replace(" ", "") == "nocardyet"
    assert len(spans) == len(case.texts[0].ids_L) <= SMALL.text_tokens


def test_pictures_and_sounds_when_kept_encoders_see_and_hear_them_then_are_covered_once(tmp_path: Path) -> None:
    for name, modality in (("vit", "image"), ("wav2vec2", "audio"), ("whisper", "audio")):
        kept = Kept(tmp_path / name, name)
        parts = [kept.world.image(picture(1)), kept.world.audio(tone(500, 0.4))]
        case = kept.preparation.prepare(parts, kept.world.blobs)
        spans = token_spans(kept.student(collate([case], kept.preparation)), [case], kept.preparation)
        own = [span for span in spans if span.modality == modality]
        if modality == "image":
            whole, *boxes = [span.box for span in own if span.box]
            assert whole == (0, 0, 1, 1)
            assert sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) == pytest.approx(1)
        else:
            heard, *pieces = [(span.start, span.stop) for span in own]
            assert pieces[0][0] == heard[0] == 0
            assert pieces[-1][1] == pytest.approx(heard[1])
            assert all(one[1] == pytest.approx(two[0]) for one, two in itertools.pairwise(pieces))


def test_a_text_when_its_marks_are_set_then_has_the_states_transformers_gives_it(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "bert")
    inside = kept.preparation.reader("text")
    assert isinstance(inside, Inside)
    batch = kept.batch()
    states_NLD, mask_NL = inside.states(batch.texts, torch.device("cpu"))
    for row, case in enumerate(kept.cases):
        text = kept.world.blobs.read(case.parts[0].decoded or "").decode()
        fed = inside.encoder.processor(text, return_tensors="pt", truncation=True, max_length=SMALL.text_tokens + 2)
        expected_LD = inside.encoder.model(**fed).last_hidden_state[0, 1:-1]
        assert torch.allclose(states_NLD[row][mask_NL[row]], expected_LD, atol=1e-5)


def test_encoder_when_its_modality_is_hidden_then_is_not_asked_and_costs_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "bert")
    whole = collate([kept.preparation.fresh(kept.prepared()[0])], kept.preparation)
    asked: list[bool] = []
    kept.encoder.inside.encoder.model.register_forward_pre_hook(lambda *_: asked.append(True))
    seen = kept.student.look(whole.hide(torch.tensor([[True, False, False]])))
    assert not asked
    kept.student.look(whole, seen)
    assert len(asked) == 1
    hidden = forward_flops(kept.student, whole.hide(torch.tensor([[True, False, False]])))
    assert forward_flops(kept.student, whole) - hidden > 10_000


def test_states_that_are_known_when_words_are_left_out_then_go_with_their_words(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "bert")
    case = kept.prepared()[0]
    text = case.texts[0]
    marked_LD = np.repeat(text.ids_L[:, None], 16, axis=1).astype(np.float16)
    known = dataclasses.replace(case, texts=(dataclasses.replace(text, states_LD=marked_LD),))
    batch = collate([known] * 6, kept.preparation)
    changed = augment(batch, kept.preparation, 1.0, torch.Generator().manual_seed(3)).texts
    plain = augment(
        collate([case] * 6, kept.preparation), kept.preparation, 1.0, torch.Generator().manual_seed(3)
    ).texts
    assert changed.states_NLD is not None
    assert torch.equal(changed.states_NLD[..., 0].long(), changed.ids_NL)
    assert torch.equal(plain.ids_NL, changed.ids_NL)
    assert not torch.equal(changed.ids_NL, batch.texts.ids_NL)


def test_patches_and_frames_when_there_are_many_then_are_averaged_down_by_hand() -> None:
    seen_NLD = torch.arange(1 + 144.0)[None, :, None]
    grid_NLD = gridded(seen_NLD)
    assert grid_NLD.shape == (1, 37, 1)
    assert grid_NLD[0, 0].item() == 72
    assert grid_NLD[0, 1].item() == pytest.approx((1 + 2 + 13 + 14) / 4)
    assert gridded(torch.arange(5.0)[None, :, None])[0, 1:, 0].tolist() == [1, 2, 3, 4]
    means_LD = stretched(torch.arange(65.0)[:, None])
    assert means_LD[:, 0].tolist() == [32, *(3 * i + 1.0 for i in range(21)), 63.5]


@pytest.mark.parametrize(
    ("make", "modality", "said"),
    [
        (None, "text", "gone is not on this computer"),
        (tiny.vit, "text", "it holds no text model that can be loaded"),
        (tiny.wav2vec2, "image", "it holds no image model that can be loaded"),
        (Path.mkdir, "text", "it holds no text model that can be loaded"),
    ],
)
def test_folder_when_it_holds_no_such_encoder_then_says_so_in_both_languages(
    tmp_path: Path, make: Make | None, modality: str, said: str
) -> None:
    if make is not None:
        make(tmp_path / "gone")
    choice = Choice(name="pretrained", settings={"model": str(tmp_path / "gone")})
    with pytest.raises(UserError, match=said) as refused:
        open_inside(Preparation(), SMALL.model_copy(update={modality: choice}))
    assert "编码器" in refused.value.body().text("zh") or "保留" in refused.value.body().text("zh")


def test_encoder_when_unnamed_or_too_shallow_then_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Set student\.audio\.model"):
        open_inside(Preparation(), SMALL.model_copy(update={"audio": Choice(name="pretrained")}))
    with pytest.raises(UserError, match="has 2 layers; 3 cannot be fine-tuned"):
        Kept(tmp_path, "bert", tuned_layers=3)


def test_learned_encoders_when_built_then_are_those_of_before(tmp_path: Path) -> None:
    student = build_student(SMALL, Preparation(), len(LABELS))
    assert isinstance(student, Student)
    assert "inside" not in Preparation().model_dump()
    assert open_inside(Preparation(), SMALL) == Preparation()
