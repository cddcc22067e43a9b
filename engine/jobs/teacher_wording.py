"""Titles of the settings of pretrained models, as teachers and inside, in English and Chinese, and their help in Chinese."""

from collections.abc import Iterator, Mapping

from engine.schema.base import MODALITIES

Words = tuple[str, str, str]
"""Title, title in Chinese, help in Chinese."""

_ENCODER: dict[str, Words] = {
    "online": ("May be downloaded", "允许下载", "是否可以从 Hugging Face Hub 下载；否则必须已在本机。"),
    "mode": ("How it learns", "学习方式", "`probe` 保持教师不变；`fine-tune` 还会训练其最后几层，耗时更长。"),
    "tuned_layers": ("Fine-tuned layers", "微调层数", "微调所训练的最后几层。"),
    "tuned_epochs": ("Fine-tuning passes", "微调轮数", "微调时训练病例的遍数。"),
    "tuned_rate": ("Fine-tuning rate", "微调学习率", "微调的学习率。"),
}
_WEIGHT: Words = ("Weight of the teacher", "教师权重", "该教师相对于其他教师的分量。")
_OWN: Mapping[str, Mapping[str, Words]] = {
    "pretrained-text": _ENCODER,
    "pretrained-image": _ENCODER
    | {"model": ("Picture teacher", "图像教师模型", "教师模型的文件夹或 Hugging Face Hub 的模型 ID；安装时不附带。")},
    "pretrained-audio": _ENCODER
    | {"model": ("Sound teacher", "声音教师模型", "教师模型的文件夹或 Hugging Face Hub 的模型 ID；安装时不附带。")},
    "language-model": {
        "online": _ENCODER["online"],
        "model": ("Language model", "语言模型", "因果语言模型的文件夹或 Hugging Face Hub 的模型 ID；安装时不附带。"),
        "prompt": (
            "Prompt",
            "提示语",
            "向语言模型提出的内容：{text} 处为病例文本，末尾 {label} 处依次为各标签；{descriptions} 处为标签说明。",
        ),
        "prior": ("Correct for its habits", "先验校正", "用无内容的输入校正模型对某些标签的偏好。"),
    },
    "soft-labels": {
        "file": ("Soft labels", "软标签", "CSV 文件：case_id 或 row 列，另为每个标签设一列。"),
        "values": ("What the columns hold", "列中数值", "各列是概率还是 logits。"),
        "modality": ("Made from", "依据的资料", "这些答案依据哪类资料；留空表示病例的全部资料。"),
    },
    "fusion": {
        "calibrate": ("Calibrate it", "校准教师", "是否按其他各折留出病例的答案来校准。"),
        "states": (
            "Dense teacher: joined vector",
            "稠密教师：融合向量",
            "其融合向量是否也作为教学内容，供隐藏向量与关系匹配。",
        ),
        "learning_rate": ("Dense teacher: learning rate", "稠密教师：学习率", "其最高学习率。"),
        "dropout": ("Dense teacher: dropout", "稠密教师：随机失活", "其主干与输出层的随机失活。"),
        "members": ("Dense teacher: models", "稠密教师：模型数", "分别训练、以平均概率共同作答的模型数。"),
        "text": ("Dense teacher: texts", "稠密教师：文本", "由什么阅读其文本；预训练编码器保留在教师内。"),
        "image": ("Dense teacher: pictures", "稠密教师：图像", "由什么查看其图像；预训练编码器保留在教师内。"),
        "audio": ("Dense teacher: sounds", "稠密教师：声音", "由什么聆听其声音；预训练编码器保留在教师内。"),
        "text_model": (
            "Its text encoder",
            "其文本编码器",
            "文件夹或 Hugging Face Hub 的模型 ID；留空则用安装时附带的编码器。",
        ),
        "image_model": ("Its picture encoder", "其图像编码器", "文件夹或 Hugging Face Hub 的模型 ID；安装时不附带。"),
        "audio_model": ("Its sound encoder", "其声音编码器", "文件夹或 Hugging Face Hub 的模型 ID；安装时不附带。"),
        "online": ("May be downloaded", "允许下载", "是否可以从 Hugging Face Hub 下载；否则必须已在本机。"),
        "tuned_layers": (
            "Their layers learned further",
            "继续学习的层数",
            "这些编码器中继续学习的最后几层；0 表示保持原样。",
        ),
    },
}


_INSIDE: Mapping[str, Words] = {
    "model": (
        "Encoder kept inside",
        "保留的编码器",
        "编码器的文件夹或 Hugging Face Hub 的模型 ID；只有文本编码器随安装附带。",
    ),
    "online": ("May be downloaded", "允许下载", "是否可以从 Hugging Face Hub 下载；否则必须已在本机。"),
    "tuned_layers": (
        "Its layers learned further",
        "继续学习的层数",
        "继续学习的最后几层；0 表示保持原样，每项资料只读取一次。",
    ),
    "states_dropout": (
        "Part of its output hidden",
        "隐藏的输出比例",
        "训练步中随机隐藏编码器输出的比例；0 表示与学生的 dropout 相同。",
    ),
    "tuned_rate": ("Their share of the learning rate", "其学习率比例", "这些层的学习率，占训练学习率的比例。"),
}


def encoder_wordings() -> Iterator[tuple[str, Words]]:
    """Yield the dotted key of each setting of an encoder kept inside with its words."""
    for modality in MODALITIES:
        for name, words in _INSIDE.items():
            yield f"student.{modality}.{name}", words


def teacher_wordings() -> Iterator[tuple[str, Words]]:
    """Yield the dotted key of each setting with its words."""
    for teacher, settings in _OWN.items():
        for name, words in (*settings.items(), ("weight", _WEIGHT)):
            yield f"teachers.{teacher}.{name}", words
