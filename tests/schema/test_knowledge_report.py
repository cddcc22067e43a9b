"""A knowledge report in words: what a rule moves and what a specialist is worth, only where that was measured."""

import pytest

from engine.schema.knowledge import Told
from engine.schema.knowledge_report import Change, Interval, RuleReport, SpecialistReport, Verdict

SHARE = Interval(value=0.5, low=0.4, high=0.6, n=100)


def _rule(disagreement: Change | None, verdict: Verdict = "agrees") -> RuleReport:
    return RuleReport(
        finding="fever",
        modality="text",
        label="flu",
        label_title=Told(en="Flu", zh="流感"),
        strength=0.5,
        share=SHARE,
        share_else=SHARE,
        gap=Change(value=0.1, low=0.05, high=0.15),
        disagreement=disagreement,
        verdict=verdict,
    )


def _specialist(effect: Change) -> SpecialistReport:
    lift = Change(value=2.0, low=1.5, high=2.5)
    return SpecialistReport(name="lungs", title=Told(zh="肺"), expert=0, cases=40, lift=lift, effect=effect)


def test_rule_when_it_raises_a_chance_then_says_by_how_many_points_with_its_interval() -> None:
    rule = _rule(Change(value=-0.08, low=-0.11, high=-0.05))
    assert rule.sentence("en").endswith(
        "points. With the finding it moves the model's chance of Flu by +8 (+5 … +11) points on average."
    )
    assert rule.sentence("zh").endswith("个百分点。有此所见时，它使模型给出流感的概率平均改变 +8 (+5 … +11) 个百分点。")


def test_rule_when_it_is_hardly_used_then_says_so_without_figures() -> None:
    rule = _rule(Change(value=-0.001, low=-0.002, high=0.001))
    assert rule.pull("en") == "It hardly moves the model's chance of Flu."
    assert rule.pull("zh") == "它几乎不改变模型给出流感的概率。"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rule_when_nothing_was_measured_or_cases_are_few_then_says_nothing_of_what_it_moves(language: str) -> None:
    measured = Change(value=-0.08, low=-0.11, high=-0.05)
    told = [_rule(None), _rule(Change()), _rule(measured, "few")]
    assert [rule.pull(language) for rule in told] == ["", "", ""]
    assert not any(rule.sentence(language).endswith(" ") for rule in told)


def test_rule_when_read_from_an_earlier_report_then_what_the_whole_file_moved_is_forgotten() -> None:
    earlier = _rule(None).model_dump(exclude={"disagreement"}) | {"moved": {"value": -0.45, "low": -0.5, "high": -0.4}}
    assert RuleReport.model_validate(earlier) == _rule(None)


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [
        (0.01, 0.07, "grows: +0.040 (+0.010 … +0.070)", "误差增大：+0.040 (+0.010 … +0.070)。"),
        (
            -0.02,
            0.07,
            "does not clearly change: +0.040 (-0.020 … +0.070)",
            "误差没有明确变化：+0.040 (-0.020 … +0.070)。",
        ),
    ],
)
def test_specialist_when_its_worth_was_measured_then_says_how_the_error_of_its_cases_changes_without_it(
    low: float, high: float, en: str, zh: str
) -> None:
    one = _specialist(Change(value=0.04, low=low, high=high))
    assert one.sentence("en").endswith(f"40 cases. When it is passed over, the error of these cases {en}.")
    assert one.sentence("zh").endswith(f"40 个病例。绕过它时，这些病例的{zh}")


def test_specialist_when_cases_do_better_without_it_then_the_error_is_said_to_fall() -> None:
    assert "falls: -0.040" in _specialist(Change(value=-0.04, low=-0.06, high=-0.01)).worth("en")


def test_specialist_when_its_worth_was_not_measured_or_its_interval_is_not_one_of_it_then_says_nothing() -> None:
    told = [_specialist(Change()), _specialist(Change(value=0.099, low=3.44, high=6.73))]
    assert [one.worth(language) for one in told for language in ("en", "zh")] == [""] * 4
    assert all(one.sentence("en").endswith("40 cases.") for one in told)
