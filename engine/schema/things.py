"""Names of the things an error speaks of, in both languages; codes carry the short English name of the contract."""

from collections.abc import Mapping

_THINGS: Mapping[str, tuple[str, str]] = {
    "audio": ("sound", "声音"),
    "blob": ("file", "文件"),
    "case": ("case", "病例"),
    "dataset": ("data set", "数据集"),
    "engine": ("engine", "引擎"),
    "image": ("image", "图像"),
    "job": ("run", "任务"),
    "ledger": ("ledger of a distillation", "对照账"),
    "worth": ("measurement of what each module is worth", "各模块价值的评估"),
    "model": ("model", "模型"),
    "order-of-answers": ("the order of answers", "答案的顺序"),
    "part": ("input", "资料"),
    "predictor": ("answering", "应答"),
    "project": ("project", "项目"),
    "self-test": ("self-test", "自检"),
}


def worded(parameters: Mapping[str, str | int | float], language: str) -> dict[str, str | int | float]:
    """Return the parameters with the thing they speak of (`what`) in words of `en` or `zh`; others stay as they are."""
    named = _THINGS.get(str(parameters.get("what")))
    return dict(parameters) if named is None else {**parameters, "what": named[language == "zh"]}
