"""What can be wrong with a knowledge file, in both languages; `sentences` takes these in."""

from collections.abc import Mapping

Three = tuple[str, str, str]
"""What happened, what is safe, what to do."""

_SAFE, _SAFE_ZH = "The file was not taken; the version before it still holds.", "该文件未被采用；之前的版本仍然有效。"

KNOWLEDGE_SENTENCES: Mapping[str, tuple[Three, Three]] = {
    "knowledge-empty": (
        ("The knowledge file is empty.", _SAFE, "Write at least one label with its description."),
        ("知识文件是空的。", _SAFE_ZH, "请至少写一个标签及其说明。"),
    ),
    "knowledge-unreadable": (
        (
            "Line {line} of the knowledge file cannot be read ({detail}).",
            _SAFE,
            "Look at the indentation, the colon and the quotation marks on that line and the one before it.",
        ),
        ("知识文件第 {line} 行无法读取（{detail}）。", _SAFE_ZH, "请检查该行及上一行的缩进、冒号和引号。"),
    ),
    "knowledge-unknown-key": (
        ("Line {line}: there is no entry called `{key}` here.", _SAFE, "Use one of {known}."),
        ("第 {line} 行：此处没有名为 `{key}` 的条目。", _SAFE_ZH, "请使用其中之一：{known}。"),
    ),
    "knowledge-twice": (
        ("Line {line}: `{name}` stands here a second time.", _SAFE, "Keep one of the two."),
        ("第 {line} 行：`{name}` 重复出现。", _SAFE_ZH, "请只保留一个。"),
    ),
    "knowledge-bad-name": (
        ("Line {line}: an entry under `{key}` has no usable name.", _SAFE, "Give it a short name before the colon."),
        ("第 {line} 行：`{key}` 下的一个条目没有可用的名称。", _SAFE_ZH, "请在冒号前写一个简短的名称。"),
    ),
    "knowledge-not-mapping": (
        ("Line {line}: `{key}` must hold named entries.", _SAFE, "Write each as `name: ...` on a line of its own."),
        ("第 {line} 行：`{key}` 下应是带名称的条目。", _SAFE_ZH, "请每行写一个 `名称: ...`。"),
    ),
    "knowledge-not-list": (
        ("Line {line}: `{key}` must be a list.", _SAFE, "Begin each entry with `- ` on a line of its own."),
        ("第 {line} 行：`{key}` 应是列表。", _SAFE_ZH, "请让每个条目以 `- ` 开头并独占一行。"),
    ),
    "knowledge-not-text": (
        ("Line {line}: `{key}` must be plain words.", _SAFE, "Put the words in quotation marks."),
        ("第 {line} 行：`{key}` 应是普通文字。", _SAFE_ZH, "请用引号括住文字。"),
    ),
    "knowledge-too-long": (
        ("Line {line}: `{key}` is longer than {limit} characters.", _SAFE, "Shorten it."),
        ("第 {line} 行：`{key}` 超过 {limit} 个字符。", _SAFE_ZH, "请缩短。"),
    ),
    "knowledge-missing": (
        ("Line {line}: `{key}` is missing.", _SAFE, "Add it to the entry on that line."),
        ("第 {line} 行：缺少 `{key}`。", _SAFE_ZH, "请在该行的条目中补上。"),
    ),
    "knowledge-no-phrases": (
        (
            "Line {line}: a finding of a text has no phrases to look for.",
            _SAFE,
            "Add `phrases`, in English and Chinese where both are written.",
        ),
        ("第 {line} 行：文本所见没有可供查找的短语。", _SAFE_ZH, "请添加 `phrases`；若中英文都会出现，请两种都写。"),
    ),
    "knowledge-modality": (
        ("Line {line}: `{name}` is no kind of input.", _SAFE, "Write `modality:` with one of {known}."),
        ("第 {line} 行：`{name}` 不是资料类型。", _SAFE_ZH, "请在 `modality:` 后写其中之一：{known}。"),
    ),
    "knowledge-strength": (
        (
            "Line {line}: the strength {value} is not between -1 and 1.",
            _SAFE,
            "Write 1 for `speaks strongly for it`, -1 for `speaks strongly against it`, 0.3 for `a little`.",
        ),
        (
            "第 {line} 行：强度 {value} 不在 -1 与 1 之间。",
            _SAFE_ZH,
            "1 表示强烈支持，-1 表示强烈反对，0.3 表示略有支持。",
        ),
    ),
    "knowledge-unknown-label": (
        ("Line {line}: the cases have no label `{name}`.", _SAFE, "Use a label of the data set: {known}."),
        ("第 {line} 行：病例中没有标签 `{name}`。", _SAFE_ZH, "请使用数据集中的标签：{known}。"),
    ),
    "knowledge-unknown-finding": (
        ("Line {line}: there is no finding `{name}`.", _SAFE, "Add it under `findings`, or use one of {known}."),
        ("第 {line} 行：没有名为 `{name}` 的所见。", _SAFE_ZH, "请在 `findings` 下添加，或使用其中之一：{known}。"),
    ),
    "knowledge-other-modality": (
        ("Line {line}: `{name}` is a finding of {modality}.", _SAFE, "Move it under `{modality}`."),
        ("第 {line} 行：`{name}` 属于 {modality}。", _SAFE_ZH, "请移到 `{modality}` 下。"),
    ),
    "knowledge-specialist-empty": (
        (
            "Line {line}: nothing says which cases are for the specialist `{name}`.",
            _SAFE,
            "Give it keywords, labels or example cases.",
        ),
        ("第 {line} 行：没有说明哪些病例归专家 `{name}`。", _SAFE_ZH, "请为其写关键词、标签或示例病例。"),
    ),
    "knowledge-too-many-specialists": (
        (
            "The knowledge file names {wanted} specialists, but a layer of this run has {experts} experts.",
            "Nothing was trained.",
            "Name fewer specialists, or raise the number of experts.",
        ),
        (
            "知识文件指定了 {wanted} 个专家，但此次训练每层只有 {experts} 个专家。",
            "未进行训练。",
            "请减少指定的专家，或增加专家数。",
        ),
    ),
    "knowledge-none": (
        (
            "There is no knowledge file of that version for the data set {id}.",
            "Nothing was changed.",
            "Write one in the knowledge editor, or train without it.",
        ),
        ("数据集 {id} 没有该版本的知识文件。", "没有任何更改。", "请在知识编辑器中编写，或不使用知识进行训练。"),
    ),
    "knowledge-conflict": (
        (
            "The knowledge file was changed elsewhere in the meantime.",
            "Both versions are kept.",
            "Look at the newest version, then save yours again.",
        ),
        ("知识文件已在别处更改。", "两个版本都已保留。", "请查看最新版本后再次保存。"),
    ),
}
