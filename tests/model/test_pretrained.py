"""The model folder: what comes back is what went in, and any damage is noticed."""

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from engine.model.calibrated import Calibration, Reference
from engine.model.card import card
from engine.model.pretrained import CARD_FILE, Council, load_council, save_council
from engine.model.student import count_parameters
from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.schema.model import Interval, Measured, ModelSummary, OrderedMeasured, TeacherReport
from tests.model.small_council import mixed, student
from tests.preprocess.small_world import SMALL, preparation

HALF = Interval(value=0.5, low=0.4, high=0.6, n=100)


def summary(synthetic: bool = False) -> ModelSummary:
    measured = Measured(
        split="out of fold",
        accuracy=HALF,
        balanced_accuracy=0.5,
        macro_f1=0.4,
        ece=0.1,
        nll=1.0,
        by_pattern={"text": HALF},
    )
    teacher = TeacherReport(
        name="MiniLM", kind="pretrained-text", parameters=22_700_000, accuracy=HALF, modalities=("text",)
    )
    return ModelSummary(
        model_id="model-1",
        name="First",
        dataset="clinic",
        labels=labels(),
        recipe="distil",
        parameters=1234567,
        active_parameters=1000,
        layers=2,
        experts=4,
        teachers=(teacher,),
        out_of_fold=measured,
        synthetic=synthetic,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def labels() -> tuple[Label, ...]:
    return tuple(
        Label(name=name, en=name.title(), zh=zh) for name, zh in (("asthma", "哮喘"), ("flu", "流感"), ("well", "健康"))
    )


def council(seed: int = 0) -> Council:
    generator = torch.Generator().manual_seed(seed)
    reference = Reference(
        fused_ND=torch.randn(6, SMALL.width, generator=generator),
        pooled_NMD=torch.randn(6, 3, SMALL.width, generator=generator),
        present_NM=torch.ones(6, 3, dtype=torch.bool),
        checks={"text.words": torch.arange(3.0)},
        held={"fused/all": torch.arange(5.0)},
    )
    calibration = Calibration({"all": 1.5, "text": 2.0}, {"all": 0.8}, 0.1, {"all": 6})
    return Council(student(seed=seed), preparation(), labels(), SMALL, calibration, reference, summary())


def test_a_council_when_saved_and_loaded_then_answers_with_the_same_bits(tmp_path: Path) -> None:
    made = council()
    sha256 = save_council(tmp_path, made)
    loaded = load_council(tmp_path)
    with torch.no_grad():
        one, two = made.student(mixed()), loaded.student(mixed())
    assert torch.equal(one.logits_BC, two.logits_BC)
    assert all(torch.equal(a.experts_TK, b.experts_TK) for a, b in zip(one.routing, two.routing, strict=True))
    assert (loaded.preparation, loaded.labels, loaded.config) == (made.preparation, made.labels, made.config)
    assert loaded.calibration == made.calibration
    assert made.summary is not None
    assert loaded.summary == made.summary.model_copy(update={"sha256": sha256})
    assert f"sha256 `{sha256}`" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert loaded.reference is not None
    assert made.reference is not None
    kept = loaded.reference.tensors()
    assert all(torch.equal(tensor, kept[name]) for name, tensor in made.reference.tensors().items())
    assert sha256 == json.loads((tmp_path / "config.json").read_text())["files"]["model.safetensors"]


def test_a_council_when_loaded_then_is_in_evaluation_mode_and_the_global_generator_is_untouched(tmp_path: Path) -> None:
    save_council(tmp_path, council())
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    loaded = load_council(tmp_path)
    assert torch.equal(torch.rand(3), expected)
    assert not loaded.student.training
    assert not any(p.requires_grad for p in loaded.student.parameters())


def test_a_council_without_figures_when_saved_then_loads_without_them(tmp_path: Path) -> None:
    made = council()
    save_council(tmp_path, Council(made.student, made.preparation, made.labels, made.config))
    loaded = load_council(tmp_path)
    assert (loaded.calibration, loaded.reference, loaded.summary) == (None, None, None)
    assert not (tmp_path / CARD_FILE).exists()


def test_a_council_of_several_labels_when_saved_comes_back_as_one_and_an_older_file_answers_with_one(
    tmp_path: Path,
) -> None:
    made = council()
    assert made.calibration is not None
    several = dataclasses.replace(made.calibration, several=True)
    save_council(tmp_path / "new", dataclasses.replace(made, answers="several", calibration=several))
    loaded = load_council(tmp_path / "new")
    assert loaded.calibration is not None
    assert (loaded.answers, loaded.calibration.several) == ("several", True)
    save_council(tmp_path / "old", Council(made.student, made.preparation, made.labels, made.config))
    config = json.loads((tmp_path / "old" / "config.json").read_text(encoding="utf-8"))
    del config["answers"]
    (tmp_path / "old" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert load_council(tmp_path / "old").answers == "one"


def test_a_router_bias_when_saved_then_comes_back(tmp_path: Path) -> None:
    made = council()
    made.student.get_buffer("blocks.0.router.bias_ME")[1, 2] = 0.25
    save_council(tmp_path, made)
    assert load_council(tmp_path).student.get_buffer("blocks.0.router.bias_ME")[1, 2] == 0.25


FILES = ("model.safetensors", "preprocess.json", "labels.json", "calibration.json", "reference.safetensors")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_a_file_when_one_bit_is_flipped_then_the_model_is_refused(name: str, where: float, tmp_path: Path) -> None:
    save_council(tmp_path, council())
    data = bytearray((tmp_path / name).read_bytes())
    data[int(where * (len(data) - 1))] ^= 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError) as caught:
        load_council(tmp_path)
    assert caught.value.code == "model-damaged"


@pytest.mark.parametrize("name", [*FILES, "config.json"])
def test_a_file_when_missing_or_cut_off_then_the_model_is_refused(name: str, tmp_path: Path) -> None:
    save_council(tmp_path, council())
    data = (tmp_path / name).read_bytes()
    for rest in (None, data[: len(data) // 2], b""):
        if rest is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(rest)
        with pytest.raises(UserError) as caught:
            load_council(tmp_path)
        assert caught.value.code == "model-damaged"


@pytest.mark.parametrize("change", [{"model_type": "bert"}, {"auto_map": {"AutoModel": "evil.py"}}, {"files": {}}])
def test_a_config_when_it_is_not_ours_then_the_model_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    save_council(tmp_path, council())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UserError) as caught:
        load_council(tmp_path)
    assert caught.value.code == "model-damaged"


def test_a_config_when_read_by_other_tools_then_has_the_names_they_look_for(tmp_path: Path) -> None:
    save_council(tmp_path, council())
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["model_type"] == "consilium"
    assert config["id2label"] == {"0": "asthma", "1": "flu", "2": "well"}
    assert config["label2id"]["flu"] == 1


def test_a_model_when_loaded_in_a_fresh_process_then_transformers_stays_out(tmp_path: Path) -> None:
    save_council(tmp_path, council())
    code = (
        "import sys, pathlib; from engine.model.pretrained import load_council; load_council(pathlib.Path(sys.argv[1]));"
        "print([name for name in ('transformers', 'sklearn', 'pickle5') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert ran.stdout.strip() == "[]"


def test_the_card_when_written_then_states_size_teachers_figures_and_limits() -> None:
    text = card(summary())
    for fact in ("1,234,567 parameters", "MiniLM", "0.500 (95 % 0.400 to 0.600, n 100)", "Where it ends", "Asthma"):
        assert fact in text
    assert "generated" not in text
    assert "Trained on generated cases" in card(summary(synthetic=True))


@pytest.mark.parametrize(("kappa", "told"), [(0.7512, "| weighted kappa | 0.751 |"), (None, "not defined")])
def test_the_card_when_the_answers_have_an_order_then_tells_how_far_off_they_are(
    kappa: float | None, told: str
) -> None:
    off = Interval(value=1.25, low=1.1, high=1.4, n=100)
    plain = summary()
    assert plain.out_of_fold is not None
    ordered = OrderedMeasured(places_off=off, within_one=0.81, kappa=kappa)
    measured = plain.out_of_fold.model_copy(update={"ordered": ordered})
    text = card(plain.model_copy(update={"out_of_fold": measured}))
    for fact in ("1.250 (95 % 1.100 to 1.400, n 100)", "| at most one place off | 0.810 |", told):
        assert fact in text
    assert "place" not in card(plain)


def test_the_parameters_when_counted_after_loading_then_are_the_same(tmp_path: Path) -> None:
    made = council()
    save_council(tmp_path, made)
    assert count_parameters(load_council(tmp_path).student) == count_parameters(made.student)
