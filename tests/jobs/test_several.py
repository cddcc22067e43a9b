"""A data set with several labels a case: what cannot be used is refused in a sentence before anything is started."""

import pytest

from engine.jobs.unfit import refuse_unfit
from engine.schema.config import Choice, KnowledgeConfig, LossConfig, RunConfig, StudentConfig
from engine.schema.errors import UserError

UNFIT = {
    "loss.ordinal=0": RunConfig(recipe="quick", loss=LossConfig(ordinal=0.5)),
    "teachers.language-model": RunConfig(recipe="quick", teachers=(Choice(name="language-model"),)),
}


@pytest.mark.parametrize("key", UNFIT)
def test_run_when_it_needs_one_answer_a_case_is_refused_by_what_and_how_to_turn_it_off(key: str) -> None:
    refuse_unfit(UNFIT[key], "one")
    with pytest.raises(UserError) as refused:
        refuse_unfit(UNFIT[key], "several")
    assert (refused.value.code, refused.value.parameters["key"]) == ("several-unfit", key)
    for language in ("en", "zh"):
        said = refused.value.body().text(language)
        assert key in said
        assert "{" not in said
        assert (
            " ".join(str(refused.value.parameters["what"]).split("-")) not in said.partition("`")[0] or language == "en"
        )


def test_run_when_it_has_what_several_labels_need_is_let_through() -> None:
    tuned = Choice(name="pretrained-text", settings={"mode": "fine-tune"})
    teachers = (tuned, Choice(name="fusion"), Choice(name="soft-labels"))
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
