"""Models as people bring them: without padding, with few places, in several files, fitting their tokenizer or not."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.pretrained import door, encoders
from engine.pretrained.encoders import TextEncoder
from engine.pretrained.inside import InsideText, load_inside
from engine.schema.errors import UserError
from engine.teachers.pretrained import LanguageModel, PretrainedAudio, PretrainedImage, PretrainedText, language
from engine.train.folds import Fold
from tests.conftest import ROOT
from tests.teachers import tiny

CASES = 12
ROWS = np.arange(CASES)
FOLD = Fold(1, ROWS[:8], ROWS[8:])
LABELS = [i % 3 for i in range(CASES)]
LONG = [(f"{tiny.TEXTS[i % 3]} " * 20 + "x" * i, tiny.TEXTS[i % 3]) for i in range(CASES)]
CPU = torch.device("cpu")
MODELS: dict[str, Callable[[Path], Path]] = {
    "gpt2": tiny.gpt2, "clip": tiny.clip, "bert": tiny.bert, "roberta": tiny.roberta,
}  # fmt: skip
LONGEST = {"gpt2": 96, "clip": 20, "bert": 32, "roberta": 32}


@pytest.mark.parametrize("name", MODELS)
def test_text_model_when_texts_are_longer_than_its_places_then_reads_all_that_fit(tmp_path: Path, name: str) -> None:
    teacher = PretrainedText(model=str(MODELS[name](tmp_path / name)))
    lessons = teacher.teach(tiny.room(tmp_path / "lessons", LABELS, LONG), FOLD)
    assert lessons.hidden_NVD is not None
    assert lessons.hidden_NVD.norm(dim=2).numpy() == pytest.approx(1, abs=1e-2)
    prepared = teacher.encoder(CPU).prepared([LONG[0][0]])
    assert prepared["input_ids"].shape == (1, LONGEST[name])


@pytest.mark.parametrize("name", MODELS)
def test_text_model_when_its_last_layer_is_tuned_then_long_texts_fit_too(tmp_path: Path, name: str) -> None:
    teacher = PretrainedText(model=str(MODELS[name](tmp_path / name)), mode="fine-tune", tuned_layers=1, tuned_epochs=1)
    lessons = teacher.teach(tiny.room(tmp_path / "lessons", LABELS, LONG), FOLD)
    assert torch.isfinite(lessons.answers_NVC).all()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("side", ["left", "right"])
def test_text_model_when_texts_come_alone_or_padded_then_vectors_are_the_same(
    tmp_path: Path, name: str, side: str
) -> None:
    processor, model = door.load(door.Source(str(MODELS[name](tmp_path / name))), "text")
    processor.padding_side = side
    encoder = TextEncoder(processor, model, CPU)
    texts = ["my card", "i was charged twice", "", "a" * 200]
    together = encoder.embed(texts)
    assert torch.allclose(together, torch.cat([encoder.embed([text]) for text in texts]), atol=1e-5)


def test_text_model_when_it_has_no_padding_then_the_mean_is_that_of_the_tokens_alone(tmp_path: Path) -> None:
    processor, model = door.load(door.Source(str(tiny.gpt2(tmp_path / "gpt2"))), "text")
    assert processor.pad_token is None
    hidden_LD = model(**processor("my card", return_tensors="pt")).last_hidden_state[0]
    found_ND = TextEncoder(processor, model, CPU).embed(["my card", "the transfer is still pending"])
    assert torch.allclose(found_ND[0], torch.nn.functional.normalize(hidden_LD.mean(0), dim=0), atol=1e-5)
    assert processor.pad_token == "<end>"


@pytest.mark.parametrize("name", ["clip", "bert", "roberta"])
def test_encoder_kept_inside_when_a_text_is_long_then_every_place_is_one_that_it_has(tmp_path: Path, name: str) -> None:
    source = door.Source(str(MODELS[name](tmp_path / name)), role="encoder")
    inside = load_inside("text", source)
    assert isinstance(inside, InsideText)
    ids_L, _ = inside.tokens("a b " * 100, 512)
    assert len(ids_L) == LONGEST[name] - 2
    ids_NL = torch.from_numpy(ids_L)[None].long()
    assert torch.isfinite(inside._pass(ids_NL, torch.ones_like(ids_NL))).all()


def _more_tokens(folder: Path) -> None:
    """Give the tokenizer more tokens than the network has rows for."""
    path = folder / "tokenizer.json"
    told = json.loads(path.read_text("utf-8"))
    told["model"]["vocab"]["card"] = 5000
    path.write_text(json.dumps(told), "utf-8")


def test_text_model_when_its_tokenizer_is_of_another_then_names_the_folder(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "mixed-up")
    _more_tokens(folder)
    teacher = PretrainedText(model=str(folder))
    with pytest.raises(UserError) as refused:
        teacher.teach(tiny.room(tmp_path / "lessons", LABELS, LONG), FOLD)
    assert refused.value.code == "teacher-unreadable"
    assert refused.value.parameters == {"name": "mixed-up", "kind": "text"}
    encoder = load_inside("text", door.Source(str(folder), role="encoder")).encoder
    with pytest.raises(UserError, match="mixed-up cannot be kept inside"):
        encoder.embed(["card"])


@pytest.mark.parametrize("kind", ["image", "audio", "language"])
def test_model_when_it_fails_at_its_first_case_then_names_the_folder(tmp_path: Path, kind: str) -> None:
    make = {"image": tiny.vit, "audio": tiny.wav2vec2, "language": tiny.gpt2}[kind]
    folder = make(tmp_path / "broken")
    if kind == "language":
        told = json.loads((folder / "tokenizer.json").read_text("utf-8"))
        told["model"]["vocab"]["Z"] = 5000
        (folder / "tokenizer.json").write_text(json.dumps(told), "utf-8")
    else:
        path = folder / "preprocessor_config.json"
        wrong = {"size": {"height": 40, "width": 24}} if kind == "image" else {"sampling_rate": 8, "feature_size": 3}
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | wrong), "utf-8")
    build = {"image": PretrainedImage, "audio": PretrainedAudio, "language": LanguageModel}[kind]
    files = {f"{i:064x}": tiny.picture(i) if kind == "image" else tiny.sound(300 + i) for i in range(CASES)}
    media = {} if kind == "language" else {kind: [(f"{i:064x}",) for i in range(CASES)]}
    room = tiny.room(tmp_path / "lessons", LABELS, [("Z", "Z")] * CASES, media, files)  # type: ignore[arg-type]
    with pytest.raises(UserError) as refused:
        build(model=str(folder)).teach(room, FOLD)
    assert refused.value.code == "teacher-unreadable"
    assert refused.value.parameters == {"name": "broken", "kind": kind}


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_model_when_memory_runs_out_then_is_not_called_unreadable(error: Exception) -> None:
    with pytest.raises(type(error)), door.foreign(door.Source("own"), "text"):
        raise error


def test_default_model_when_it_fails_then_that_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="ours"), door.foreign(door.Source("pinned", pinned=True), "text"):
        raise ValueError("ours")


@pytest.mark.parametrize("name", ["sharded", "whisper", "clip", "gpt2", "language"])
def test_size_when_lessons_are_kept_then_is_the_one_of_the_first_time(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = {**MODELS, "sharded": tiny.sharded, "whisper": tiny.whisper, "language": tiny.gpt2}[name]
    folder = str(make(tmp_path / name))
    files = {f"{i:064x}": tiny.sound(300 + i) for i in range(CASES)}
    media = {"audio": [(f"{i:064x}",) for i in range(CASES)]}
    room = tiny.room(tmp_path / "lessons", LABELS, LONG, media, files)  # type: ignore[arg-type]
    build = {"whisper": PretrainedAudio, "language": LanguageModel}.get(name, PretrainedText)
    first, again = build(model=folder), build(model=folder)
    first.teach(room, FOLD)
    monkeypatch.setattr(door, "load", lambda *_: pytest.fail("the teacher was loaded again"))
    again.teach(room, FOLD)
    assert again.parameters == first.parameters > 1000


def _hub(folder: Path, made: Path, revision: str) -> None:
    """Lay a model down as the hub's client keeps it on a computer."""
    kept = folder / "models--somebody--tiny"
    shutil.copytree(made, kept / "snapshots" / revision)
    (kept / "refs").mkdir(exist_ok=True)
    (kept / "refs" / "main").write_text(revision)


def test_hub_id_when_another_revision_lies_here_then_is_another_teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants
    from transformers.utils import hub

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub, "TRANSFORMERS_CACHE", str(tmp_path / "hub"), raising=False)
    name = "somebody/tiny"
    made = tiny.bert(tmp_path / "made")
    _hub(tmp_path / "hub", made, "a" * 40)
    first = PretrainedText(model=name)
    first.teach(tiny.room(tmp_path / "lessons", LABELS, LONG), FOLD)
    assert first.parameters > 1000
    again = PretrainedText(model=name)
    again.teach(tiny.room(tmp_path / "lessons", LABELS, LONG), FOLD)
    assert (again.fingerprint, again.parameters) == (first.fingerprint, first.parameters)
    assert first.fingerprint == PretrainedText(model=str(made)).fingerprint
    _more_tokens(made)
    _hub(tmp_path / "hub", made, "b" * 40)
    assert PretrainedText(model=name).fingerprint != first.fingerprint


@pytest.mark.parametrize("file", ["tokenizer.json", "tokenizer_config.json", "config.json", "model.safetensors"])
def test_folder_when_one_of_its_files_is_edited_then_is_another_teacher(tmp_path: Path, file: str) -> None:
    folder = tiny.bert(tmp_path / "bert")
    before = [build(model=str(folder)).fingerprint for build in (PretrainedText, LanguageModel)]
    assert load_inside("text", door.Source(str(folder), role="encoder")).told.sha256 == before[0]
    (folder / file).write_bytes((folder / file).read_bytes() + b"\n")
    after = [build(model=str(folder)).fingerprint for build in (PretrainedText, LanguageModel)]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_lessons_when_the_tokenizer_was_edited_then_are_made_anew(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "bert")
    room = tiny.room(tmp_path / "lessons", LABELS, LONG)
    before = PretrainedText(model=str(folder)).teach(room, FOLD).hidden_NVD
    path = folder / "tokenizer.json"
    told = json.loads(path.read_text("utf-8"))
    pieces = told["model"]["vocab"]
    pieces["c"], pieces["t"] = pieces["t"], pieces["c"]
    path.write_text(json.dumps(told), "utf-8")
    after = PretrainedText(model=str(folder)).teach(room, FOLD).hidden_NVD
    assert before is not None
    assert after is not None
    assert (before - after).abs().max() > 1e-3


@pytest.mark.parametrize("build", [PretrainedText, LanguageModel])
def test_fetched_model_when_asked_for_then_is_loaded_before_it_is_named(
    build: type[PretrainedText | LanguageModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tiny.gpt2(tmp_path / "gpt2")
    order: list[str] = []
    real = door.load

    def load(source: door.Source, kind: door.Kind) -> object:  # the hub is the edge of the world
        order.append("loaded")
        return real(door.Source(str(here)), kind)

    named = door.Source.fingerprint
    monkeypatch.setattr(door, "load", load)
    monkeypatch.setattr(
        door.Source, "fingerprint", lambda self, kind="text": order.append("named") or named(self, kind)
    )
    build(model="somebody/tiny", online=True)
    assert order == ["loaded", "named"]


def test_language_model_when_made_ready_then_one_pass_scores_the_labels_of_these_cases(tmp_path: Path) -> None:
    teacher = LanguageModel(model=str(tiny.gpt2(tmp_path / "gpt2")), prior=False)
    texts = [*LONG[:-1], (" ", "")]
    room = tiny.room(tmp_path / "lessons", LABELS, texts)
    ready = teacher.ready(room, [0, 2, CASES - 1])
    assert ready is not None
    expected = teacher.logits(room, [texts[0][0], texts[2][0]])
    assert torch.allclose(torch.stack(ready.forward()), expected, atol=1e-5)  # type: ignore[arg-type]
    assert sum(p.numel() for p in ready.modules[0].parameters()) > 1000
    assert teacher.ready(room, [CASES - 1]) is None


def test_language_model_when_a_pass_takes_long_then_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = LanguageModel(model=str(tiny.gpt2(tmp_path / "gpt2")))
    room = tiny.room(tmp_path / "lessons", LABELS, LONG)
    one = 2 * 3 * 96 * 12_000
    monkeypatch.setattr(language, "_MOST_WORK", 2 * one)
    assert teacher.ready(room, [0]) is not None
    assert teacher.ready(room, list(range(CASES))) is None


def test_encoder_when_made_ready_and_asked_again_then_is_where_it_is_asked_for(tmp_path: Path) -> None:
    teacher = PretrainedText(model=str(tiny.bert(tmp_path / "bert")))
    room = tiny.room(tmp_path / "lessons", LABELS, LONG)
    assert teacher.ready(room, [0]) is not None
    assert teacher.encoder(torch.device("meta")).device == torch.device("meta")


def _cut(folder: Path, file: str) -> None:
    path = folder / file
    path.write_bytes(path.read_bytes()[:-50])


def _pointed_at(folder: Path, file: str) -> None:
    (folder / file).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n")


def _of_another_kind(folder: Path, file: str) -> None:
    (folder / file).write_text('{"version": "1.0", "model": {"type": "Nope"}}')


def _of_no_sense(folder: Path, file: str) -> None:
    (folder / file).write_text('{"model_type": "bert", "hidden_size": "x"}')


def _a_list(folder: Path, file: str) -> None:
    (folder / file).write_text("[]")


DAMAGES: list[tuple[str, Callable[[Path, str], None]]] = [
    ("model.safetensors", _cut),
    ("model.safetensors", _pointed_at),
    ("tokenizer.json", _cut),
    ("tokenizer.json", _of_another_kind),
    ("config.json", _of_no_sense),
    ("config.json", _a_list),
]


@pytest.mark.parametrize(("file", "damage"), DAMAGES)
def test_folder_when_a_file_is_damaged_then_says_that_it_cannot_be_read(
    tmp_path: Path, file: str, damage: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.bert(tmp_path / "damaged")
    damage(folder, file)
    for role in ("teacher", "encoder"):
        with pytest.raises(UserError) as refused:
            door.load(door.Source(str(folder), role=role), "text")  # type: ignore[arg-type]
        assert refused.value.code == f"{role}-unreadable"
        assert refused.value.parameters == {"name": "damaged", "kind": "text"}
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("transformers.utils.hub.TRANSFORMERS_CACHE", str(tmp_path / "hub"), raising=False)
    _hub(tmp_path / "hub", folder, "a" * 40)
    with pytest.raises(UserError) as refused:
        door.load(door.Source("somebody/tiny"), "text")
    assert refused.value.code == "teacher-unreadable", "it is on this computer"


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_folder_when_memory_runs_out_while_it_is_loaded_then_is_not_called_unreadable(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    def short(*_: object, **__: object) -> None:
        raise error

    folder = tiny.bert(tmp_path / "bert")
    monkeypatch.setattr(transformers.AutoModel, "from_pretrained", short)
    with pytest.raises(type(error)):
        door.load(door.Source(str(folder)), "text")


_ASKING = """
import http.server, os, sys, threading
asked = []
class Hub(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_error(404)
    do_HEAD = do_GET
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
from engine.pretrained import door
from engine.schema.errors import UserError
def wanted(online):
    before = len(asked)
    try:
        door.load(door.Source("somebody/tiny", online), "text")
    except UserError as error:
        return error.code, len(asked) > before
door.load(door.Source(sys.argv[1]), "text")
print([wanted(online) for online in (False, True, False)])
"""


@pytest.mark.parametrize("offline", [False, True])
def test_hub_when_asked_after_a_model_was_loaded_offline_then_is_reached_unless_a_person_keeps_it_off(
    tmp_path: Path, offline: bool
) -> None:
    left_out = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    around = {name: value for name, value in os.environ.items() if name not in left_out}
    around |= {"HF_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)} | (
        {"HF_HUB_OFFLINE": "1"} if offline else {}
    )
    folder = str(tiny.bert(tmp_path / "bert"))
    told = subprocess.run(
        [sys.executable, "-c", _ASKING, folder], cwd=ROOT, env=around, stdout=subprocess.PIPE, text=True, check=True
    )
    missing = ("teacher-missing", False)
    expected = [missing, ("teacher-missing", not offline), missing]
    assert told.stdout.strip().splitlines()[-1] == str(expected)


@pytest.mark.parametrize(
    ("kind", "limit"), [("text", "_LONGEST_TEXT"), ("audio", "_LONGEST_SOUND"), ("image", "_PROCEDURE")]
)
def test_vectors_when_more_of_an_item_is_read_then_those_that_were_kept_are_not_found(
    tmp_path: Path, kind: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = {"image": tiny.vit, "audio": tiny.wav2vec2, "text": tiny.bert}[kind]
    build = {"image": PretrainedImage, "audio": PretrainedAudio, "text": PretrainedText}[kind]
    folder = str(make(tmp_path / "own"))
    files = {f"{i:064x}": tiny.picture(i) if kind == "image" else tiny.sound(300 + i) for i in range(CASES)}
    media = {kind: [(f"{i:064x}",) for i in range(CASES)]}
    room = tiny.room(tmp_path / "lessons", LABELS, LONG, media, files)  # type: ignore[arg-type]
    announced: list[str] = []
    told = dataclasses.replace(room, log=lambda code, _: announced.append(code))
    for value in (None, None, 7):
        if value is not None:
            monkeypatch.setattr(encoders, limit, value)
        build(model=folder).teach(told, FOLD)
    assert announced.count("lessons-size") == 2
