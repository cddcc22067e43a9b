"""Titles of the settings of routers and of what keeps the experts busy, in English and Chinese, and their help in Chinese."""

from collections.abc import Iterator, Mapping

Words = tuple[str, str, str]
"""Title, title in Chinese, help in Chinese."""

_ROUTERS: Mapping[str, Words] = {
    "scope": (
        "Who shares a gate",
        "门控的共享",
        "`joint`：所有资料共用一个门控；`per-modality`：每类资料各有门控，专家共用；`disjoint`：每类资料另有各自的专家。",
    ),
    "gate": ("Gate", "门控", "得分如何变成权重。"),
    "single": (
        "Weight of a single expert",
        "单个专家的权重",
        "每个片段只有一个专家时，其输出按什么计：`scored` 按门控的把握，`whole` 全部计入，门控仍会学习。",
    ),
    "bias_step": ("Balancing step", "均衡步长", "每步之后均衡偏置移动多少；0 表示关闭。"),
    "bias_pooled": ("Balance all together", "合并均衡", "均衡偏置是否把所有片段合在一起均衡，而不是在每类资料内均衡。"),
    "memory": (
        "How slowly the thresholds move",
        "门槛变化的快慢",
        "训练之外决定由谁处理片段的门槛变化得多慢；越大越慢。",
    ),
    "null_experts": ("Null experts", "空专家数", "N。越多越省计算，答案越差。"),
    "mass": ("Share to be held", "所需概率份额", "片段依次选取专家，直到它们占到路由概率的这一份额。"),
}
_BALANCING: Mapping[str, Words] = {
    "balance_pooled": (
        "Balance all together",
        "合并均衡",
        "负载与重要性是否在所有片段上一起均衡，而不是在每类资料内均衡。",
    ),
    "importance": ("Even importance", "重要性均衡", "专家所得权重的均衡。"),
    "load": ("Even expected load", "期望负载均衡", "专家期望负载的均衡；仅用于路由方式 `noisy-top-k`。"),
    "local_entropy": ("Resolute tokens", "片段果断", "每个片段明确需要哪些专家（LIMoE）。"),
    "global_entropy": ("Use of several experts", "使用多个专家", "每类资料使用多个专家（LIMoE）。"),
    "global_experts": ("How many experts at least", "至少几个专家", "每类资料至少应均匀地使用几个专家。"),
    "modality_entropy": ("Experts for kinds of input", "按资料分工", "每类资料找到自己的专家（FuseMoE）。"),
}
_OVER_TIME = ("importance", "load", "local_entropy", "global_entropy", "modality_entropy")


def router_wordings() -> Iterator[tuple[str, Words]]:
    """Yield each setting by its dotted key."""
    yield from ((f"student.router.{name}", words) for name, words in _ROUTERS.items())


def balancing_wordings() -> Iterator[tuple[str, Words]]:
    """Yield the weights of the balance by their dotted keys, and their ways over time."""
    yield from ((f"loss.{name}", words) for name, words in _BALANCING.items())
    for name in _OVER_TIME:
        title, title_zh, _ = _BALANCING[name]
        yield f"loss.over_time.{name}", (f"{title} over time", f"{title_zh}随时间", f"训练过程中{title_zh}权重的变化。")
