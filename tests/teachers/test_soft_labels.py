from pathlib import Path

import numpy as np
import pytest
import torch

from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.teachers.base import Roll
from engine.teachers.soft_labels import SoftLabels
from engine.train.folds import Fold
from tests.teachers import tiny

LABELS = [0, 1, 2, 0, 1, 2, 0, 1]
ROWS = np.arange(8)
FOLD = Fold(1, ROWS[:6], ROWS[6:])
HEADER = "case_id,card,transfer,charge twice"


class Present:
    """A batch of which only the modalities that are there matter."""

    present_BM = torch.tensor([[True, False, False]] * 7 + [[True, True, False]])


def _teach(folder: Path, text: str, **settings: str) -> object:
    file = folder / "soft.csv"
    file.write_text(text, encoding="utf-8")
    said: list[dict[str, object]] = []
    room = tiny.room(
        folder / "lessons", LABELS, batches=lambda shape: [Present()], log=lambda code, facts: said.append(dict(facts))
    )
    return SoftLabels(file=str(file), **settings).teach(room, FOLD), said


def test_file_when_read_then_teaches_the_cases_in_it_and_leaves_the_others_unknown(tmp_path: Path) -> None:
    rows = ["case-0,0.7,0.2,0.1", "row-2,0.1,0.8,0.1", "case-7,0.2,0.5,0.3", "stranger,1,0,0"]
    lessons, said = _teach(tmp_path, "\n".join([HEADER, *rows]))  # type: ignore[misc]
    known = torch.zeros(8, 8, dtype=torch.bool)
    known[0, 1] = known[1, 1] = known[7, 3] = True
    assert torch.equal(lessons.known_NV, known)
    assert lessons.modality is None
    order = lessons.answers_NVC[0, 1].argsort(descending=True).tolist()
    assert order == [0, 1, 2]
    assert said == [{"name": "soft.csv", "known": 3, "cases": 8, "strangers": 1}]


def test_file_when_of_one_modality_then_teaches_the_answer_of_that_modality(tmp_path: Path) -> None:
    text = f"row,card,transfer,charge twice\n1,2.0,-1,0\n4,{1e3},0,0"
    lessons, _ = _teach(tmp_path, text, values="logits", modality="text")  # type: ignore[misc]
    assert lessons.modality == "text"
    assert lessons.known_NV.any(1).nonzero()[:, 0].tolist() == [0, 3]
    assert torch.isfinite(lessons.answers_NVC).all()


def test_answers_when_too_sure_then_are_calibrated_on_the_rows_to_learn_from(tmp_path: Path) -> None:
    wrong = [f"case-{i},0.98,0.01,0.01" for i in range(8)]
    lessons, _ = _teach(tmp_path, "\n".join([HEADER, *wrong]))  # type: ignore[misc]
    assert lessons.answers_NVC[0, 0].exp().max() < 0.5


@pytest.mark.parametrize(
    ("text", "said", "said_zh"),
    [
        ("case_id,card,transfer,refund\n", "unknown label refund; no column for charge twice", "请使用"),
        ("card,transfer,charge twice\n1,0,0", "no column `case_id` or `row`", "请使用"),
        (f"{HEADER}\ncase-0,0.7,0.7,0.1", "Row 2 of soft.csv: the probabilities add up to 1.500", "概率之和为 1.500"),
        (f"{HEADER}\ncase-0,0.7,maybe,0.1", "maybe in the column transfer", "transfer 列中的 maybe"),
        (f"{HEADER}\ncase-0,0.7,nan,0.3", "nan in the column transfer", "transfer 列中的 nan"),
        (f"{HEADER}\ncase-0,0.7,-0.1,0.4", "-0.1 in the column transfer", "不是有效数值"),
        (f"{HEADER}\ncase-0,0.7,,0.3", "'' in the column transfer", "不是有效数值"),
        (
            f"{HEADER}\ncase-0,0.7",
            "Row 2 of soft.csv has 2 cells, but the header has 4",
            "有 2 个单元格，而表头有 4 个",
        ),
        (f"{HEADER}\ncase-1,1,0,0\ncase-0,0,7,0,2,0,1", "Row 3 of soft.csv has 7 cells", "请使用小数点"),
        ("card,transfer,charge twice,case_id\n0.7,0.2,0.1", "Row 2 of soft.csv has 3 cells", "第 2 行"),
        (f"{HEADER}\ncase-0,1,0,0\nrow-1,0,1,0", "Row 3 of soft.csv: the case row-1 was already in row 2", "第 2 行"),
        (f"{HEADER}\n,1,0,0\n", "None of the 1 rows", "均不属于任何训练病例"),
        (f"{HEADER}\ncase-0,1,0,0\ncase-0,1,0,0", "Row 3 of soft.csv: the case case-0 was already in row 2", "第 2 行"),
        (f"{HEADER}\nnobody,1,0,0\n", "None of the 1 rows", "均不属于任何训练病例"),
        ("", "no column `case_id`", "请使用"),
    ],
)
def test_file_when_wrong_then_says_what_and_where(tmp_path: Path, text: str, said: str, said_zh: str) -> None:
    with pytest.raises(UserError) as refused:
        _teach(tmp_path, text)
    assert said in str(refused.value)
    assert said_zh in refused.value.body().text("zh")


def test_file_when_it_is_not_there_or_no_text_then_says_so(tmp_path: Path) -> None:
    (tmp_path / "soft.csv").write_bytes(b"\xff\xfe\x00\x80")
    for name in ("soft.csv", "nowhere.csv"):
        with pytest.raises(UserError, match="cannot be read as a table"):
            SoftLabels(file=str(tmp_path / name)).teach(tiny.room(tmp_path, LABELS), FOLD)


@pytest.mark.parametrize("key", ["case_id", "row"])
def test_file_when_a_name_fits_two_cases_then_is_refused_and_one_that_names_others_is_not(
    tmp_path: Path, key: str
) -> None:
    twice, once = ("row-1", "row-2") if key == "case_id" else ("1", "2")
    titles = ["row-1", "row-2", "row-1", "", "", *(f"row-{i}" for i in range(6, 9))]
    roll = Roll([f"case-{i}" for i in range(8)], titles, [Label(name=name) for name in tiny.NAMES])
    room = tiny.room(tmp_path / "lessons", LABELS, batches=lambda shape: [Present()], roll=roll)
    file = tmp_path / "soft.csv"
    file.write_text(f"{key},card,transfer,charge twice\n{once},1,0,0\n", encoding="utf-8")
    lessons = SoftLabels(file=str(file)).teach(room, FOLD)
    assert lessons.known_NV.any(1).nonzero()[:, 0].tolist() == [1]
    with file.open("a", encoding="utf-8") as table:
        table.write(f"{twice},0,1,0\n")
    with pytest.raises(UserError) as refused:
        SoftLabels(file=str(file)).teach(room, FOLD)
    assert refused.value.code == "soft-labels-ambiguous"
    assert f"Row 3 of soft.csv: {twice} is the name of 2 training cases" in str(refused.value)
    assert f"有 2 个训练病例名为 {twice}" in refused.value.body().text("zh")


def test_answers_when_none_of_the_rows_is_learned_from_then_stay_as_the_file_has_them(tmp_path: Path) -> None:
    lessons, _ = _teach(tmp_path, f"{HEADER}\ncase-6,0.9,0.05,0.05")  # type: ignore[misc]
    assert lessons.answers_NVC[6, 1].exp().tolist() == pytest.approx([0.9, 0.05, 0.05], abs=1e-4)
