"""A data set with several labels a case: what cannot be used is refused in a sentence before anything is started."""

import pytest

from engine.jobs.unfit import refuse_unfit
from engine.schema.config import Choice, KnowledgeConfig, LossConfig, RunConfig, StudentConfig
from engine.schema.errors import UserError


def test_run_when_it_needs_one_answer_a_case_is_refused_by_what_and_how_to_turn_it_off() -> None:
    asked = RunConfig(recipe="quick", loss=LossConfig(ordinal=0.5))
    refuse_unfit(asked, "one")
    with pytest.raises(UserError) as refused:
        refuse_unfit(asked, "several")
    assert (refused.value.code, refused.value.parameters["key"]) == ("several-unfit", "loss.ordinal=0")
    for language, words in (("en", "the order of answers"), ("zh", "答案的顺序")):
        said = refused.value.body().text(language)
        assert "loss.ordinal=0" in said
        assert words in said
        assert "{" not in said


def test_run_when_it_has_what_several_labels_need_is_let_through() -> None:
    tuned = Choice(name="pretrained-text", settings={"mode": "fine-tune"})
    teachers = (tuned, Choice(name="fusion"), Choice(name="soft-labels"), Choice(name="language-model"))
    known = KnowledgeConfig(version="latest")
    fit = RunConfig(
        recipe="distil", teachers=teachers, loss=LossConfig(class_weight=1.0), controls=True, knowledge=known
    )
    refuse_unfit(fit, "several")
    unfit = fit.model_copy(update={"loss": LossConfig(class_weight=1.0, ordinal=0.5)})
    refuse_unfit(unfit, "one")
    with pytest.raises(UserError) as refused:
        refuse_unfit(unfit, "several")
    assert refused.value.parameters["key"] == "loss.ordinal=0"


def test_run_when_it_evens_out_a_chance_that_its_router_does_not_leave_then_is_refused() -> None:
    asked = RunConfig(recipe="quick", loss=LossConfig(load=0.1))
    with pytest.raises(UserError) as refused:
        refuse_unfit(asked, "one")
    assert (refused.value.code, refused.value.parameters["key"]) == ("bad-setting", "loss.load")
    noisy = asked.model_copy(update={"student": StudentConfig(router=Choice(name="noisy-top-k"))})
    refuse_unfit(noisy, "one")
