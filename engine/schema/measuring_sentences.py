"""What can be wrong with what a model is asked or measured on, in both languages; `sentences` takes these in."""

from collections.abc import Mapping

Three = tuple[str, str, str]
"""What happened, what is safe, what to do."""

MEASURING_SENTENCES: Mapping[str, tuple[Three, Three]] = {
    "manifest-nothing-read": (
        ("No row of {name} could be read.", "Nothing was imported.", "Mend the listed rows and import again."),
        ("{name} 中没有可读取的行。", "没有导入任何内容。", "请处理列出的行后重新导入。"),
    ),
    "nothing-set-aside": (
        (
            "{name} has no cases with answers that were set aside from learning.",
            "Nothing was changed.",
            "Import a table with a column `split` that says `val` for some rows, or measure on a table of its own.",
        ),
        (
            "{name} 中没有留作验证、不参与学习的带答案病例。",
            "没有任何更改。",
            "请导入含 `split` 列且部分行为 `val` 的表格，或用另一张表格来评估。",
        ),
    ),
    "labels-unknown": (
        (
            "None of the answers in {name} is one that the model gives ({found}).",
            "Nothing was changed.",
            "Write the answers as the model does ({known}), or measure another model.",
        ),
        (
            "{name} 中的答案（{found}）都不是该模型会给出的答案。",
            "没有任何更改。",
            "请按模型的写法填写答案（{known}），或改用其他模型。",
        ),
    ),
    "label-left-out": (
        (
            "{n} rows have the answer {label}, which the model does not give.",
            "They were left out of the figures.",
            "Write the answer as the model does, or measure another model.",
        ),
        (
            "{n} 行的答案为 {label}，该模型不会给出此答案。",
            "这些行未计入结果。",
            "请按模型的写法填写答案，或改用其他模型。",
        ),
    ),
    "nothing-given": (
        ("There is nothing to answer.", "Nothing was changed.", "Give at least one of --text, --image and --audio."),
        ("没有可供判断的资料。", "没有任何更改。", "请至少给出 --text、--image、--audio 之一。"),
    ),
}
