"""What became of a knowledge file in a training run: how much it was trusted, and where the data bear it out or speak against it."""

from typing import Any, Literal

from pydantic import Field, model_validator

from engine.schema.base import Config, Message, Modality
from engine.schema.knowledge import Told

Verdict = Literal["agrees", "disagrees", "unclear", "few"]
_HARDLY = 0.005
"""Change of a probability that whole points do not show."""


class Interval(Message):
    """A proportion with its Wilson 95 % interval, or a mean with its normal one, and the n behind it."""

    value: float
    low: float
    high: float
    n: int


class Change(Message):
    """A mean, or a difference of shares, with its 95 % interval; groups of cases hang together."""

    value: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def is_told(self) -> bool:
        """Whether there was anything to measure it on, and its interval is one of it."""
        return self.low <= self.value <= self.high and self != Change()


class ExpertTag(Config):
    """A name a person gave an expert."""

    layer: int
    expert: int
    name: str


class RuleReport(Message):
    """One rule against the training cases, each judged by a student that never saw it.

    `share` and `share_else`: how often the label was the true answer with the finding and without it, of cases with that kind of
    input. `gap` is their difference. `disagreement` is p(label | without this rule) - p(label | with it), all else that the file says
    being the same, where the rule fires; definitions of the project, 18. None where it was never measured.
    """

    finding: str
    finding_title: Told = Told()
    modality: Modality
    label: str
    label_title: Told = Told()
    strength: float
    share: Interval
    share_else: Interval
    gap: Change
    disagreement: Change | None = None
    verdict: Verdict

    @model_validator(mode="before")
    @classmethod
    def _forget_moved(cls, given: Any) -> Any:
        # Earlier reports told what the whole file moved, under this name and for every rule: no figure of the rule.
        if isinstance(given, dict) and "moved" in given:
            return {name: value for name, value in given.items() if name != "moved"}
        return given

    def sentence(self, language: str = "en") -> str:
        """Return the rule and what the data say of it, as a clinician reads it."""
        said = (_zh if language == "zh" else _en)(self)
        pull = self.pull(language)
        return said + (pull if language == "zh" or not pull else f" {pull}")

    def pull(self, language: str = "en") -> str:
        """Return how far the rule moves the answers, in words; empty where cases are too few to say."""
        if self.verdict == "few" or self.disagreement is None or not self.disagreement.is_told:
            return ""
        against = self.disagreement
        moved = Change(value=-against.value, low=-against.high, high=-against.low)
        label = self.label_title.shown("zh" if language == "zh" else "en") or self.label
        hardly = max(-moved.low, moved.high) < _HARDLY
        if language == "zh":
            if hardly:
                return f"它几乎不改变模型给出{label}的概率。"
            return f"有此所见时，它使模型给出{label}的概率平均改变 {_points(moved)} 个百分点。"
        if hardly:
            return f"It hardly moves the model's chance of {label}."
        return f"With the finding it moves the model's chance of {label} by {_points(moved)} points on average."


class SpecialistReport(Message):
    """A named expert: whether it works on the cases it was named for.

    `lift` is its share of these cases' tokens over its share of all tokens (last layer), `effect` what the error of its cases
    (cross-entropy, nats) grows by when its tokens go to their next choice instead.
    """

    name: str
    title: Told = Told()
    expert: int
    cases: int
    lift: Change
    effect: Change

    @property
    def obeyed(self) -> bool:
        """Whether the data send its cases to it more often than chance."""
        return self.lift.low > 1

    def sentence(self, language: str = "en") -> str:
        """Return what became of the name, in words."""
        name = self.title.shown(language) or self.name
        span = f"{self.lift.value:.2f} ({self.lift.low:.2f} – {self.lift.high:.2f})"
        if language == "zh":
            told = "其病例确实更多地由它处理" if self.obeyed else "其病例并没有更多地由它处理"
            return f"{name}（专家 {self.expert + 1}）：{told}，倍数 {span}，{self.cases} 个病例。{self.worth(language)}"
        told = "does take more of its cases" if self.obeyed else "does not take more of its cases than of others"
        said = f"{name} (expert {self.expert + 1}) {told}: lift {span}, {self.cases} cases."
        return " ".join(filter(None, (said, self.worth(language))))

    def worth(self, language: str = "en") -> str:
        """Return what the expert is worth to its cases, in words; empty where that was not measured."""
        effect = self.effect
        if not effect.is_told:
            return ""
        change = f"{effect.value:+.3f} ({effect.low:+.3f} … {effect.high:+.3f})"
        if language == "zh":
            sure = "增大" if effect.low > 0 else "减小" if effect.high < 0 else "没有明确变化"
            return f"绕过它时，这些病例的误差{sure}：{change}。"
        sure = "grows" if effect.low > 0 else "falls" if effect.high < 0 else "does not clearly change"
        return f"When it is passed over, the error of these cases {sure}: {change}."


class KnowledgeReport(Message):
    """What the file did. Figures come from training cases left out by a fold, never from validation cases."""

    title: Told = Told()
    version: int = 0
    sha256: str = ""
    alpha: float = Field(description="Learned weight of the descriptions; 0 means that they were of no use.")
    beta: float = Field(description="Learned weight of the rules; 0 means that they were of no use.")
    descriptions: int = 0
    rules: tuple[RuleReport, ...] = ()
    specialists: tuple[SpecialistReport, ...] = ()
    left_out: tuple[str, ...] = Field((), description="Findings that nobody labelled and no text tells.")
    unknown: tuple[str, ...] = Field(
        (), description="Findings that cases are labelled with and the file does not have."
    )
    alone: Interval | None = Field(
        None, description="How often the file alone would have been right, of the cases it speaks of."
    )
    data_only: Interval | None = Field(None, description="How often the council is right when the file is silent.")
    together: Interval | None = Field(None, description="How often they are right together.")

    def tags(self, layers: int) -> tuple[ExpertTag, ...]:
        """Return the names of the experts, the same in every layer."""
        return tuple(
            ExpertTag(layer=layer, expert=one.expert, name=one.title.en or one.title.zh or one.name)
            for layer in range(layers)
            for one in self.specialists
        )

    def sentences(self, language: str = "en") -> list[str]:
        """Return the whole report in sentences: trust, what was left out, rules the data speak against first, specialists."""
        order: list[Verdict] = ["disagrees", "unclear", "few", "agrees"]
        rules = sorted(self.rules, key=lambda rule: (order.index(rule.verdict), rule.gap.value * rule.strength))
        told = [self.trust(language), self._left_out(language), self._unknown(language)]
        told += [rule.sentence(language) for rule in rules]
        told += [one.sentence(language) for one in self.specialists]
        return [sentence for sentence in told if sentence]

    def trust(self, language: str = "en") -> str:
        """Return how much the run leaned on the file."""
        against = sum(rule.verdict == "disagrees" for rule in self.rules)
        if language == "zh":
            head = f"训练得出的信任度：说明 {self.alpha:.2f}，规则 {self.beta:.2f}（0 表示不采用）。"
            return head + (f"{len(self.rules)} 条规则中有 {against} 条与数据相反。" if self.rules else "")
        head = f"Trust learned: descriptions {self.alpha:.2f}, rules {self.beta:.2f} (0: not used)."
        return head + (f" The data speak against {against} of {len(self.rules)} rules." if self.rules else "")

    def _left_out(self, language: str) -> str:
        if not self.left_out:
            return ""
        names = ", ".join(self.left_out)
        if language == "zh":
            return f"未采用的所见（没有病例标注过）：{names}。"
        return f"Left out, because no case is labelled with them: {names}."

    def _unknown(self, language: str) -> str:
        if not self.unknown:
            return ""
        names = ", ".join(self.unknown)
        if language == "zh":
            return f"病例中标注了、但知识文件中没有的所见：{names}。"
        return f"Not used, because the file does not have them, though cases are labelled with them: {names}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _points(gap: Change) -> str:
    return f"{100 * gap.value:+.0f} ({100 * gap.low:+.0f} … {100 * gap.high:+.0f})"


def _en(rule: RuleReport) -> str:
    finding, label = rule.finding_title.shown("en") or rule.finding, rule.label_title.shown("en") or rule.label
    speaks = "for" if rule.strength > 0 else "against"
    head = f"“{finding}” speaks {speaks} {label} ({rule.strength:+.1f}): "
    if rule.verdict == "few":
        counted = f"{rule.share.n} training cases have it, {rule.share_else.n} do not"
        return head + f"{counted}: too few, or of too few patients, to say."
    facts = (
        f"with it {_percent(rule.share.value)} of {rule.share.n} cases were {label}, "
        f"without it {_percent(rule.share_else.value)} of {rule.share_else.n}; difference {_points(rule.gap)} points."
    )
    verdict = {
        "agrees": "The data bear it out: ",
        "disagrees": "THE DATA SPEAK AGAINST IT: ",
        "unclear": "The data do not bear it out: ",
    }
    return head + verdict[rule.verdict] + facts


def _zh(rule: RuleReport) -> str:
    finding, label = rule.finding_title.shown("zh") or rule.finding, rule.label_title.shown("zh") or rule.label
    speaks = "支持" if rule.strength > 0 else "反对"
    head = f"“{finding}”{speaks}{label}（{rule.strength:+.1f}）："
    if rule.verdict == "few":
        return head + f"{rule.share.n} 个训练病例有此所见，{rule.share_else.n} 个没有：病例或患者太少，不足以判断。"
    facts = (
        f"有此所见的 {rule.share.n} 个病例中 {_percent(rule.share.value)} 为{label}，"
        f"无此所见的 {rule.share_else.n} 个中为 {_percent(rule.share_else.value)}；相差 {_points(rule.gap)} 个百分点。"
    )
    verdict = {"agrees": "数据支持：", "disagrees": "数据与之相反：", "unclear": "数据未能证实："}
    return head + verdict[rule.verdict] + facts
