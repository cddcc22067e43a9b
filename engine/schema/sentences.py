"""Every failure a person can meet, in whole sentences and both languages: what happened, what is safe, what to do."""

import dataclasses
from collections.abc import Mapping

from engine.schema.domain_sentences import DOMAIN_SENTENCES
from engine.schema.import_sentences import IMPORT_SENTENCES
from engine.schema.knowledge_sentences import KNOWLEDGE_SENTENCES
from engine.schema.measuring_sentences import MEASURING_SENTENCES
from engine.schema.several_sentences import SEVERAL_SENTENCES
from engine.schema.teacher_sentences import TEACHER_SENTENCES
from engine.schema.things import worded


@dataclasses.dataclass(frozen=True)
class Sentence:
    """What happened, what is safe, what to do."""

    happened: str
    safe: str
    do: str

    def text(self) -> str:
        """Return the three in one line; an empty part is left out."""
        return " ".join(part for part in (self.happened, self.safe, self.do) if part)


@dataclasses.dataclass(frozen=True)
class Wording:
    """One error's sentences in English and Simplified Chinese, with `{name}` places for parameters."""

    en: Sentence
    zh: Sentence

    def fill(self, parameters: Mapping[str, str | int | float], language: str) -> Sentence:
        """Return the sentences in `en` or `zh` with their parameters filled in; an unknown place stays visible."""
        chosen = self.zh if language == "zh" else self.en
        known = _Shown(worded(parameters, language))
        happened, safe, do = (part.format_map(known) for part in dataclasses.astuple(chosen))
        if "row" in parameters and "{row}" not in chosen.happened:  # a file's problem, met while reading a table
            happened = ("第 {row} 行：" if language == "zh" else "Row {row}: ").format_map(known) + happened
        return Sentence(happened, safe, do)


class _Shown(dict[str, str | int | float]):
    """Parameters for `format_map`: a missing one shows its name instead of raising while an error is being told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _wording(en: tuple[str, str, str], zh: tuple[str, str, str]) -> Wording:
    return Wording(Sentence(*en), Sentence(*zh))


SENTENCES: dict[str, Wording] = {
    "internal": _wording(
        (
            "Consilium made a mistake of its own ({detail}).",
            "Your files and cases are safe.",
            "Please try again, or copy the report and send it to us.",
        ),
        ("Consilium 自身出错（{detail}）。", "您的文件和病例都是安全的。", "请重试，或复制报告发给我们。"),
    ),
    "engine-unreachable": _wording(
        (
            "The engine did not answer.",
            "Nothing was lost.",
            "Please try again; if it stays so, run the self-check (`consilium-engine doctor`).",
        ),
        ("引擎没有应答。", "没有丢失任何数据。", "请重试；如仍无应答，请运行自检（`consilium-engine doctor`）。"),
    ),
    "protocol-mismatch": _wording(
        (
            "This program speaks version {ours}, and the engine that still runs here version {theirs}.",
            "Nothing was changed; a training that runs goes on.",
            "Close all Consilium windows, let a training that runs end, then open the project again.",
        ),
        (
            "本程序使用协议版本 {ours}，仍在运行的引擎使用版本 {theirs}。",
            "没有任何更改；正在进行的训练会继续。",
            "请关闭所有 Consilium 窗口，等正在进行的训练结束，再重新打开项目。",
        ),
    ),
    "not-found": _wording(
        (
            "There is no {what} with the id {id}.",
            "Nothing was changed.",
            "It may have been removed; look at the list again.",
        ),
        ("没有编号为 {id} 的{what}。", "没有任何更改。", "可能已被移除，请刷新列表。"),
    ),
    "bad-request": _wording(
        (
            "The request could not be understood ({detail}).",
            "Nothing was changed.",
            "Correct the named value and try again.",
        ),
        ("无法理解该请求（{detail}）。", "没有任何更改。", "请更正所指出的值后重试。"),
    ),
    "job-waits": _wording(
        ("This job waits in the queue.", "Nothing was changed.", "Cancel it to take it out (command line: --cancel)."),
        ("该任务仍在排队。", "没有任何更改。", "请取消该任务以将其移出队列（命令行中用 --cancel）。"),
    ),
    "nothing-runs": _wording(
        ("No job is running.", "Nothing was changed.", "Name a waiting job by its id (`consilium-engine jobs`)."),
        ("没有正在运行的任务。", "没有任何更改。", "排队中的任务请用编号指明（`consilium-engine jobs`）。"),
    ),
    "nothing-to-resume": _wording(
        ("No such training is paused or can go on.", "Nothing was changed.", "`consilium-engine train` starts one."),
        ("没有已暂停或可以继续的训练。", "没有任何更改。", "请重新开始训练（`consilium-engine train`）。"),
    ),
    "forbidden": _wording(
        (
            "The engine refused a request that did not come from this user.",
            "Nothing was changed.",
            "Open the project from your own account.",
        ),
        ("引擎拒绝了并非来自当前用户的请求。", "没有任何更改。", "请用您自己的账户打开项目。"),
    ),
    "conflict": _wording(
        (
            "This case was changed elsewhere in the meantime.",
            "Both versions are kept.",
            "Look at the newer version, then make your change again.",
        ),
        ("此病例已在别处更改。", "两个版本都已保留。", "请查看新版本后重新修改。"),
    ),
    "busy": _wording(
        ("The engine is still preparing ({what}).", "Nothing was lost.", "It will be ready in a few seconds."),
        ("引擎仍在准备（{what}）。", "没有丢失任何数据。", "几秒后即可使用。"),
    ),
    "project-not-found": _wording(
        ("There is no project at this place.", "Nothing was changed.", "Choose an existing project or make a new one."),
        ("此处没有项目。", "没有任何更改。", "请选择已有项目或新建项目。"),
    ),
    "project-not-writable": _wording(
        (
            "The project folder cannot be written to.",
            "Nothing was changed.",
            "Choose another folder, or ask for write access to this one.",
        ),
        ("项目文件夹不可写。", "没有任何更改。", "请选择其他文件夹，或申请此文件夹的写权限。"),
    ),
    "project-newer": _wording(
        ("This project was made by a newer Consilium.", "It was not changed.", "Install the newer version to open it."),
        ("此项目由更新版本的 Consilium 创建。", "项目未被更改。", "请安装新版本后打开。"),
    ),
    "disk-full": _wording(
        ("The disk is full.", "Everything confirmed so far is safe.", "Free at least {megabytes} MB and try again."),
        ("磁盘已满。", "此前已确认的内容都是安全的。", "请释放至少 {megabytes} MB 空间后重试。"),
    ),
    "blob-mismatch": _wording(
        ("A file arrived different from what was announced.", "It was not kept.", "Send it again."),
        ("收到的文件与声明的不一致。", "该文件未被保存。", "请重新发送。"),
    ),
    "too-large": _wording(
        (
            "{name} is larger than {megabytes} MB.",
            "Your file was not changed.",
            "Choose a smaller file or a shorter recording.",
        ),
        ("{name} 大于 {megabytes} MB。", "您的文件未被更改。", "请选择更小的文件或更短的录音。"),
    ),
    "unknown-format": _wording(
        (
            "{name} is not a format this app can read.",
            "Your file was not changed.",
            "Use .txt, .png, .jpg, .wav, .flac, .mp3 or .ogg.",
        ),
        ("{name} 不是本程序可读的格式。", "您的文件未被更改。", "请使用 .txt、.png、.jpg、.wav、.flac、.mp3 或 .ogg。"),
    ),
    "content-mismatch": _wording(
        (
            "{name} is named like {named} but holds something else ({found}).",
            "Your file was not changed.",
            "Rename it to what it is, or choose the right file.",
        ),
        (
            "{name} 的扩展名是 {named}，但内容是别的格式（{found}）。",
            "您的文件未被更改。",
            "请改为正确的扩展名，或选择正确的文件。",
        ),
    ),
    "damaged-image": _wording(
        (
            "{name} is damaged: the picture cannot be read to its end.",
            "Your file was not changed.",
            "Export it again as PNG or JPEG.",
        ),
        ("{name} 已损坏：图片无法完整读取。", "您的文件未被更改。", "请重新导出为 PNG 或 JPEG。"),
    ),
    "image-too-large": _wording(
        (
            "{name} has {width} x {height} pixels; at most {limit} megapixels can be read.",
            "Your file was not changed.",
            "Export a smaller copy.",
        ),
        ("{name} 有 {width} x {height} 像素；最多可读 {limit} 百万像素。", "您的文件未被更改。", "请导出较小的副本。"),
    ),
    "damaged-audio": _wording(
        (
            "{name} is damaged: the recording cannot be read to its end.",
            "Your file was not changed.",
            "Export it again as WAV or FLAC.",
        ),
        ("{name} 已损坏：录音无法完整读取。", "您的文件未被更改。", "请重新导出为 WAV 或 FLAC。"),
    ),
    "audio-too-long": _wording(
        (
            "{name} is {seconds} s long; at most {limit} s can be read.",
            "Your file was not changed.",
            "Cut out the part that matters.",
        ),
        ("{name} 长 {seconds} 秒；最多可读 {limit} 秒。", "您的文件未被更改。", "请截取需要的片段。"),
    ),
    "damaged-text": _wording(
        ("{name} does not hold readable text.", "Your file was not changed.", "Save it as plain text in UTF-8."),
        ("{name} 不含可读文本。", "您的文件未被更改。", "请另存为 UTF-8 纯文本。"),
    ),
    "decode-timeout": _wording(
        (
            "Reading {name} took too long and was stopped.",
            "Your file was not changed.",
            "Export it again in a plain format.",
        ),
        ("读取 {name} 用时过长，已停止。", "您的文件未被更改。", "请以普通格式重新导出。"),
    ),
    "decode-crashed": _wording(
        (
            "{name} made the reader fail; it was stopped.",
            "Everything else goes on.",
            "Export the file again in a plain format.",
        ),
        ("{name} 导致读取程序出错，读取已停止。", "其他一切照常。", "请以普通格式重新导出。"),
    ),
    "file-unreadable": _wording(
        (
            "{name} cannot be opened.",
            "Your file was not changed.",
            "Check that it is still there and that you may read it.",
        ),
        ("无法打开 {name}。", "您的文件未被更改。", "请确认文件仍在原处且您有读取权限。"),
    ),
    "file-empty": _wording(
        ("{name} is empty.", "Your file was not changed.", "Choose a file with something in it."),
        ("{name} 是空的。", "您的文件未被更改。", "请选择有内容的文件。"),
    ),
    "file-missing": _wording(
        (
            "Row {row}: the file {name} is not there.",
            "The other rows are not affected.",
            "Put the file in place and import again.",
        ),
        ("第 {row} 行：找不到文件 {name}。", "其他行不受影响。", "请放好文件后重新导入。"),
    ),
    "manifest-no-input": _wording(
        (
            "The table names no column of texts, images or sounds.",
            "Nothing was imported.",
            "Use the columns `text`, `image` and `audio`.",
        ),
        ("表格没有文本、图像或声音列。", "没有导入任何内容。", "请使用 `text`、`image`、`audio` 列。"),
    ),
    "manifest-unreadable": _wording(
        ("{name} cannot be read as a table.", "Nothing was imported.", "Save it as CSV in UTF-8."),
        ("无法将 {name} 作为表格读取。", "没有导入任何内容。", "请另存为 UTF-8 编码的 CSV。"),
    ),
    "manifest-path": _wording(
        (
            "Row {row}: {name} leads outside the table's folder.",
            "The row was left out.",
            "Put the file beside the table and use a relative path.",
        ),
        ("第 {row} 行：{name} 指向表格文件夹之外。", "该行未导入。", "请将文件放在表格旁并使用相对路径。"),
    ),
    "manifest-row-empty": _wording(
        (
            "Row {row} has no readable input.",
            "The other rows are not affected.",
            "Give it at least one text, image or recording.",
        ),
        ("第 {row} 行没有可读的资料。", "其他行不受影响。", "请至少提供文本、图像或录音之一。"),
    ),
    "manifest-too-long": _wording(
        ("{name} has more than {limit} rows.", "Nothing was imported.", "Divide the table and import the parts."),
        ("{name} 超过 {limit} 行。", "没有导入任何内容。", "请拆分表格后分别导入。"),
    ),
    "manifest-too-many-labels": _wording(
        (
            "The column {column} has more than {limit} answers.",
            "Nothing was imported.",
            "Say which column has the answers.",
        ),
        ("{column} 列的答案超过 {limit} 种。", "没有导入任何内容。", "请指明答案所在的列。"),
    ),
    "manifest-row-shape": _wording(
        (
            "Row {row} has {cells} cells, the header {columns}.",
            "The row was left out.",
            "Put quotation marks around it.",
        ),
        ("第 {row} 行有 {cells} 格，表头有 {columns} 格。", "该行未导入。", "请为含分隔符的内容加引号。"),
    ),
    "manifest-row-label": _wording(
        ("Row {row} has no answer.", "The row was left out.", "Fill in its label and import again."),
        ("第 {row} 行没有答案。", "该行未导入。", "请填写标签后重新导入。"),
    ),
    "manifest-label-unknown": _wording(
        ("Row {row}: {label} is no known answer.", "The row was left out.", "Correct it, or add it to `dataset.yaml`."),
        ("第 {row} 行：{label} 不是已知答案。", "该行未导入。", "请更正，或将其加入 `dataset.yaml`。"),
    ),
    "manifest-split": _wording(
        ("Row {row}: {value} is no part of a data set.", "The row was left out.", "Use train, val or test."),
        ("第 {row} 行：{value} 不是数据划分。", "该行未导入。", "请使用 train、val 或 test。"),
    ),
    "manifest-duplicate-case": _wording(
        ("Row {row}: row {first} is already named {id}.", "The second was left out.", "Give each case its own id."),
        ("第 {row} 行：编号 {id} 已用于第 {first} 行。", "后一行未导入。", "请为每个病例使用不同编号。"),
    ),
    "manifest-group-crosses": _wording(
        (
            "{count} groups are in several splits, such as {example}.",
            "All rows came in.",
            "Results will look too good.",
        ),
        ("{count} 个分组跨越多个划分，例如 {example}。", "所有行均已导入。", "结果会显得过于乐观。"),
    ),
    "manifest-files-unmatched": _wording(
        ("{count} files belong to no row.", "They were left out.", "Name them after their case ids or row numbers."),
        ("{count} 个文件不属于任何行。", "这些文件未导入。", "请以病例编号或行号命名。"),
    ),
    "manifest-more-problems": _wording(
        ("{count} further rows have problems.", "They were left out.", "Mend those listed, then import again."),
        ("另有 {count} 行存在问题。", "这些行未导入。", "请先处理已列出的行，再重新导入。"),
    ),
    "sidecar-unreadable": _wording(
        ("`dataset.yaml` cannot be read ({detail}).", "Nothing was imported.", "Correct it, or take it away."),
        ("无法读取 `dataset.yaml`（{detail}）。", "没有导入任何内容。", "请更正或移除该文件。"),
    ),
    "no-model": _wording(
        ("There is no model yet.", "Your case is kept.", "Train one, or open the demo project."),
        ("还没有模型。", "您的病例已保存。", "请先训练一个模型，或打开演示项目。"),
    ),
    "no-training-data": _wording(
        (
            "The project has no labelled training cases.",
            "Nothing was changed.",
            "Import a table with answers, or generate demo cases.",
        ),
        ("项目没有带标签的训练病例。", "没有任何更改。", "请导入带答案的表格，或生成演示病例。"),
    ),
    "too-few-cases": _wording(
        (
            "{have} training cases are too few; at least {need} with two different answers are needed.",
            "Nothing was changed.",
            "Import more cases.",
        ),
        ("{have} 个训练病例太少；至少需要 {need} 个，且有两种不同答案。", "没有任何更改。", "请导入更多病例。"),
    ),
    "bad-setting": _wording(
        ("The setting {key} cannot be {value}: {detail}.", "Nothing was started.", "Correct it and start again."),
        ("设置 {key} 不能是 {value}：{detail}。", "尚未开始。", "请更正后重新开始。"),
    ),
    "model-damaged": _wording(
        ("The model {id} is damaged on disk.", "It was not used.", "Choose another model, or train it again."),
        ("模型 {id} 的文件已损坏。", "未使用该模型。", "请选择其他模型，或重新训练。"),
    ),
    "not-finite": _wording(
        (
            "Training became unstable at step {step}: its numbers grew without bound.",
            "The last good checkpoint is kept.",
            "Start again with a smaller learning rate.",
        ),
        ("训练在第 {step} 步变得不稳定，数值失控。", "最近的有效检查点已保留。", "请用较小的学习率重新开始。"),
    ),
    "worker-died": _wording(
        (
            "The {what} process ended unexpectedly.",
            "Everything confirmed so far is safe.",
            "It can be started again; the report says more.",
        ),
        ("{what} 进程意外结束。", "此前已确认的内容都是安全的。", "可以重新开始；报告中有详情。"),
    ),
    "out-of-memory": _wording(
        ("Memory ran out.", "The last checkpoint is kept.", "Start again with fewer “Cases a step” (Advanced)."),
        ("内存不足。", "最近的检查点已保留。", "请减少“每步病例数”（高级）后重新开始。"),
    ),
}
_OTHERS = {**IMPORT_SENTENCES, **TEACHER_SENTENCES, **KNOWLEDGE_SENTENCES, **MEASURING_SENTENCES}
_OTHERS |= {**DOMAIN_SENTENCES, **SEVERAL_SENTENCES}
SENTENCES |= {code: _wording(*pair) for code, pair in _OTHERS.items()}
