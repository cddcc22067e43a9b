"""What can be wrong or odd about a table that comes in, in both languages; `sentences` takes these in."""

from collections.abc import Mapping

Three = tuple[str, str, str]
"""What happened, what is safe, what to do."""

IMPORT_SENTENCES: Mapping[str, tuple[Three, Three]] = {
    "manifest-no-label": (
        (
            "The table has no column `label`.",
            "Nothing was imported.",
            "Name the column with the answers `label`, or name it in a `dataset.yaml` beside the table (`columns: {{label: NAME}}`).",
        ),
        (
            "表格没有 `label` 列。",
            "没有导入任何内容。",
            "请将答案所在列命名为 `label`，或在表格旁的 `dataset.yaml` 中指明（`columns: {{label: 列名}}`）。",
        ),
    ),
    "manifest-finding-value": (
        (
            "Row {row}: “{value}” in the column {column} says neither yes nor no.",
            "The case came in; whether it shows this finding counts as unknown.",
            "Write 1, 0 or nothing.",
        ),
        (
            "第 {row} 行：{column} 列中的“{value}”既不是“是”也不是“否”。",
            "该病例已导入；是否有此所见视为未知。",
            "请写 1、0 或留空。",
        ),
    ),
    "manifest-findings-alone": (
        (
            "{count} rows name {what} findings but no {what}.",
            "These rows came in without them.",
            "Name the file, or empty the cell.",
        ),
        (
            "{count} 行写有{what}所见，却没有{what}。",
            "这些行已导入，但不含这些所见。",
            "请写上文件，或清空该单元格。",
        ),
    ),
    "manifest-files-counted": (
        (
            "The table has no case ids, so files were given to its rows by the number in their names, counted from {first}; some numbers are missing.",
            "Nothing has come in yet.",
            "Check that each case has its own files, or give the table a column of case ids.",
        ),
        (
            "表格没有病例编号，因此按文件名中的数字（从 {first} 起）将文件分给各行；其中缺少一些数字。",
            "尚未导入任何数据。",
            "请检查每个病例的文件是否正确，或在表格中加入病例编号列。",
        ),
    ),
    "findings-unknown": (
        (
            "The knowledge file has no {what} finding called {names}.",
            "They are kept with their cases and count as soon as the file has them.",
            "Add them under `findings`, or correct the table.",
        ),
        (
            "知识文件中没有名为 {names} 的{what}所见。",
            "它们已随病例保存；文件中一旦有了它们就会使用。",
            "请在 `findings` 下添加，或更正表格。",
        ),
    ),
}
