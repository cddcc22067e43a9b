from pathlib import Path

import pytest
import torch

from engine.schema.errors import EngineFault
from engine.teachers.lessons import LessonCache, Lessons, average, content_key


def test_cache_when_a_key_is_known_then_computes_nothing(tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> dict[str, torch.Tensor]:
        calls.append(1)
        return {"x": torch.arange(3.0)}

    first = LessonCache(tmp_path).get("ab12", make)
    again = LessonCache(tmp_path).get("ab12", make)
    assert len(calls) == 1
    assert torch.equal(first["x"], again["x"])


@pytest.mark.parametrize("harm", [lambda data: data[:-1], lambda data: data[:-1] + b"\xff", lambda data: b""])
def test_cache_when_a_file_is_damaged_then_makes_it_again(tmp_path: Path, harm: object) -> None:
    cache = LessonCache(tmp_path)
    cache.get("ab12", lambda: {"x": torch.ones(4)})
    file = tmp_path / "ab" / "ab12.safetensors"
    file.write_bytes(harm(file.read_bytes()))  # type: ignore[operator]
    assert cache.find("ab12") is None
    assert torch.equal(cache.get("ab12", lambda: {"x": torch.zeros(4)})["x"], torch.zeros(4))


def test_cache_when_a_lesson_is_not_finite_then_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(EngineFault, match="not finite"):
        LessonCache(tmp_path).get("ab12", lambda: {"x": torch.tensor([1.0, float("nan")])})
    assert LessonCache(tmp_path).find("ab12") is None


def test_key_when_any_part_changes_then_changes() -> None:
    tensor = torch.arange(4.0)
    keys = {content_key("a", tensor), content_key("b", tensor), content_key("a", tensor + 1), content_key("a", [1])}
    assert len(keys) == 4
    assert content_key("a", tensor) == content_key("a", tensor.clone())


def test_average_when_one_teacher_does_not_know_a_case_then_the_other_speaks_alone() -> None:
    sure, unsure = torch.tensor([[[0.9, 0.1]]]).log(), torch.tensor([[[0.5, 0.5]]]).log()
    known, unknown = torch.tensor([[True]]), torch.tensor([[False]])
    both = average([Lessons("t", None, sure, known), Lessons("t", None, unsure, known)])
    one = average([Lessons("t", None, sure, known), Lessons("t", None, unsure, unknown)])
    none = average([Lessons("t", None, sure, unknown), Lessons("t", None, unsure, unknown)])
    assert both.answers_NVC.exp()[0, 0].tolist() == pytest.approx([0.7, 0.3])
    assert one.answers_NVC.exp()[0, 0].tolist() == pytest.approx([0.9, 0.1])
    assert not none.known_NV.any()
    assert torch.isfinite(none.answers_NVC).all()
