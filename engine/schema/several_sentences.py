"""What can go wrong where a case may have several labels, in both languages; `sentences` takes these in."""

from collections.abc import Mapping

Three = tuple[str, str, str]
"""What happened, what is safe, what to do."""

SEVERAL_SENTENCES: Mapping[str, tuple[Three, Three]] = {
    "manifest-flag": (
        (
            "Row {row}: {value} in the column {column} is neither 0 nor 1.",
            "The row was left out.",
            "Write 1 where the label holds and 0 where it does not; leave the cell empty where nobody knows.",
        ),
        (
            "第 {row} 行：{column} 列中的 {value} 既不是 0 也不是 1。",
            "该行未导入。",
            "标签成立请填 1，不成立请填 0；无人知晓时请留空。",
        ),
    ),
    "manifest-none-and-more": (
        (
            "Row {row}: {value} says that no label holds, and names one.",
            "The row was left out.",
            "Write the labels that hold, or `none` alone.",
        ),
        ("第 {row} 行：{value} 既表示没有标签，又写了标签。", "该行未导入。", "请只写成立的标签，或只写 `none`。"),
    ),
    "answers-differ": (
        (
            "Of {name} and the model, one has one answer a case and the other several labels.",
            "Nothing was changed.",
            "Measure a model that was trained on answers of that kind, or say how the table is meant (`--answers`).",
        ),
        (
            "{name} 与该模型不同：一方每个病例只有一个答案，另一方可有多个标签。",
            "没有任何更改。",
            "请改用以同类答案训练的模型，或指明表格的含义（`--answers`）。",
        ),
    ),
    "several-unfit": (
        (
            "A case may have several labels here, where {what} cannot be used.",
            "Nothing was started.",
            "Turn it off for this run (`{key}`).",
        ),
        ("此数据集的病例可有多个标签，无法使用{what}。", "尚未开始。", "请在本次训练中将其关闭（`{key}`）。"),
    ),
}
"""By error code: English, then Simplified Chinese."""
