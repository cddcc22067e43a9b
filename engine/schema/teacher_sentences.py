"""What can go wrong with teachers, in the same three parts and both languages as all sentences; `sentences` takes them in."""

from collections.abc import Mapping

Parts = tuple[str, str, str]

TEACHER_SENTENCES: Mapping[str, tuple[Parts, Parts]] = {
    "encoder-missing": (
        (
            "The encoder {name} is not on this computer.",
            "Nothing was downloaded, and no model was changed.",
            "Run the set-up again, or name a folder that holds it.",
        ),
        ("本机没有编码器 {name}。", "没有下载任何内容，也没有更改任何模型。", "请重新运行安装，或指定其所在文件夹。"),
    ),
    "encoder-damaged": (
        ("The encoder {name} is not the file it should be.", "It was not used.", "Run the set-up again to replace it."),
        ("编码器 {name} 与应有的文件不符。", "未使用该编码器。", "请重新运行安装以替换它。"),
    ),
    "encoder-unreadable": (
        (
            "{name} cannot be kept inside: it holds no {kind} model that can be loaded.",
            "Nothing was downloaded, and nothing was started.",
            "Name a folder with a model for this kind of input: its configuration, weights (safetensors) and own processor.",
        ),
        (
            "无法将 {name} 保留在模型内：其中没有可加载的 {kind} 模型。",
            "没有下载任何内容，也尚未开始。",
            "请指定适用于该类资料的模型文件夹，其中须有配置、权重（safetensors）及其处理器。",
        ),
    ),
    "encoder-unnamed": (
        (
            "A pretrained encoder for {kind} needs a model: none comes with the set-up.",
            "Nothing was started.",
            "Set student.{kind}.model to a folder or a Hugging Face Hub id.",
        ),
        (
            "{kind} 的预训练编码器需要指定模型：安装时不附带。",
            "尚未开始。",
            "请将 student.{kind}.model 设为文件夹或 Hugging Face Hub 的模型 ID。",
        ),
    ),
    "encoder-shallow": (
        (
            "The encoder {name} has {have} layers; {wanted} cannot be fine-tuned.",
            "Nothing was started.",
            "Set student.{kind}.tuned_layers to at most {have}, or to 0 to keep it as it is.",
        ),
        (
            "编码器 {name} 有 {have} 层，无法微调 {wanted} 层。",
            "尚未开始。",
            "请将 student.{kind}.tuned_layers 设为不超过 {have}，或设为 0 以保持原样。",
        ),
    ),
    "teacher-unreadable": (
        (
            "{name} holds no {kind} model that can be loaded.",
            "Nothing was downloaded.",
            "Name a folder with the model's configuration, its weights (safetensors) and its own processor.",
        ),
        (
            "{name} 中没有可加载的 {kind} 模型。",
            "没有下载任何内容。",
            "请指定包含模型配置、权重（safetensors）及其处理器的文件夹。",
        ),
    ),
    "teacher-unnamed": (
        (
            "The teacher {name} needs a model: none comes with the set-up.",
            "Nothing was started.",
            "Set teachers.{name}.model to a folder or a Hugging Face Hub id.",
        ),
        (
            "教师 {name} 需要指定模型：安装时不附带。",
            "尚未开始。",
            "请将 teachers.{name}.model 设为文件夹或 Hugging Face Hub 的模型 ID。",
        ),
    ),
    "prompt-places": (
        (
            "The prompt needs {{text}} once and must end with {{label}}.",
            "Nothing was started.",
            "Put both places into it, {{label}} last.",
        ),
        (
            "提示语须包含一处 {{text}}，并以 {{label}} 结尾。",
            "尚未开始。",
            "请在提示语中写入这两处，{{label}} 放在最后。",
        ),
    ),
    "prompt-too-long": (
        (
            "The prompt and the longest label fill the {limit} tokens that {name} reads: no case's text fits between them.",
            "Nothing was started.",
            "Shorten teachers.language-model.prompt or the labels' names, or name a model that reads more.",
        ),
        (
            "提示语与最长的标签名称已占满 {name} 可读取的 {limit} 个词元，病例文本无处可放。",
            "尚未开始。",
            "请缩短 teachers.language-model.prompt 或标签名称，或指定可读取更长文本的模型。",
        ),
    ),
    "soft-labels-unreadable": (
        (
            "The soft labels {name} cannot be read as a table.",
            "Your file was not changed.",
            "Save them as CSV in UTF-8 and give the whole path.",
        ),
        ("无法将软标签 {name} 作为表格读取。", "您的文件未被更改。", "请另存为 UTF-8 编码的 CSV，并给出完整路径。"),
    ),
    "soft-labels-columns": (
        (
            "{name}: {detail}.",
            "Nothing was started.",
            "Use `case_id` (or `row`) and one column for each of: {labels}.",
        ),
        (
            "{name}：{detail}。",
            "尚未开始。",
            "请使用 `case_id`（或 `row`）列，并为以下每个标签各设一列：{labels}。",
        ),
    ),
    "soft-labels-cells": (
        (
            "Row {row} of {name} has {cells} cells, but the header has {columns}.",
            "Nothing was started.",
            "Write numbers with a decimal point, put cells that hold a comma into quotation marks, and leave out no cell.",
        ),
        (
            "{name} 第 {row} 行有 {cells} 个单元格，而表头有 {columns} 个。",
            "尚未开始。",
            "请使用小数点书写数字，为含逗号的单元格加上引号，且不要省略单元格。",
        ),
    ),
    "soft-labels-ambiguous": (
        (
            "Row {row} of {name}: {id} is the name of {cases} training cases.",
            "Nothing was started.",
            "Use a column `case_id` with names that one case alone has.",
        ),
        (
            "{name} 第 {row} 行：有 {cases} 个训练病例名为 {id}。",
            "尚未开始。",
            "请使用 `case_id` 列，并填写仅对应一个病例的名称。",
        ),
    ),
    "soft-labels-value": (
        (
            "Row {row} of {name}: {value} in the column {column} is no number that can stand there.",
            "Nothing was started.",
            "Correct the row, or take it out: a case without a row is simply unknown to this teacher.",
        ),
        (
            "{name} 第 {row} 行：{column} 列中的 {value} 不是有效数值。",
            "尚未开始。",
            "请更正或删除该行：没有对应行的病例只是不为该教师所知。",
        ),
    ),
    "soft-labels-sum": (
        (
            "Row {row} of {name}: the probabilities add up to {sum}, not to 1.",
            "Nothing was started.",
            "Correct the row, or say that the columns hold logits.",
        ),
        ("{name} 第 {row} 行：概率之和为 {sum}，而不是 1。", "尚未开始。", "请更正该行，或声明各列为 logits。"),
    ),
    "soft-labels-twice": (
        (
            "Row {row} of {name}: the case {id} was already in row {first}.",
            "Nothing was started.",
            "Keep one row a case.",
        ),
        ("{name} 第 {row} 行：病例 {id} 已出现在第 {first} 行。", "尚未开始。", "请为每个病例只保留一行。"),
    ),
    "soft-labels-none": (
        (
            "None of the {rows} rows of {name} belongs to a training case.",
            "Nothing was started.",
            "Use the case ids of the data set's own table, or its row numbers.",
        ),
        (
            "{name} 的 {rows} 行均不属于任何训练病例。",
            "尚未开始。",
            "请使用数据集表格中的病例编号或行号。",
        ),
    ),
    "teacher-missing": (
        (
            "The teacher {name} is not on this computer.",
            "Nothing was downloaded.",
            "Run the set-up again, or name a folder that holds it.",
        ),
        ("本机没有教师模型 {name}。", "没有下载任何内容。", "请重新运行安装，或指定其所在文件夹。"),
    ),
    "teacher-damaged": (
        ("The teacher {name} is not the file it should be.", "It was not used.", "Run the set-up again to replace it."),
        ("教师模型 {name} 与应有的文件不符。", "未使用该模型。", "请重新运行安装以替换它。"),
    ),
}
"""By error code: English, then Simplified Chinese."""
