"""An answer in words: three outcomes, numbers with their n, and never more certainty than there is."""

from datetime import UTC, datetime

import pytest

from engine.schema.case import Case
from engine.schema.model import Interval, Measured
from engine.schema.prediction import Contribution, Evidence, Interaction, Partly, Prediction, Reason
from tests.workbench.fakes.answers import LABELS, answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.state.predictions import AnswerWords, ModalityWords, percent


@pytest.fixture
def answer(tmp_path: object, qapp: object) -> Prediction:
    from pathlib import Path

    fake = FakeEngine(Path(str(tmp_path)))
    case: Case = fake.add_case("a", ("a.txt", b"x"), ("a.png", b"x"), ("a.wav", b"x"))
    return answer_for(case, clinic_model())


def _with(answer: Prediction, **changes: object) -> AnswerWords:
    return AnswerWords(answer.model_copy(update=changes), LABELS)


def test_answer_when_one_label_fits_suggests_it_with_its_evidence(answer: Prediction) -> None:
    words = _with(answer)
    assert words.headline() == "Suggests Pneumonia"
    assert (
        words.meaning()
        == "Of 100 validation cases with the same kinds of input, about 82 were answered right (n = 240)."
    )
    assert words.help_sentences() == []


@pytest.mark.parametrize(
    ("pattern", "out_of_fold", "said"),
    [
        ("all", False, "Of 100 validation cases of all kinds of input, about 90"),
        ("text+image+audio", True, "Of 100 training cases with the same kinds of input, each answered by a council"),
        ("all", True, "Of 100 training cases of all kinds of input, each answered by a council that had not seen it"),
    ],
)
def test_answer_when_measured_otherwise_names_the_cases_that_were_counted(
    answer: Prediction, pattern: str, out_of_fold: bool, said: str
) -> None:
    evidence = Evidence(n=200, right=180, pattern=pattern, out_of_fold=out_of_fold)
    assert _with(answer, evidence=evidence).meaning().startswith(said)


def test_answer_when_several_fit_names_exactly_the_set(answer: Prediction) -> None:
    words = _with(answer, outcome="unclear", label_set=("asthma", "copd", "pneumonia"))
    assert words.headline() == "Unclear: Asthma, COPD or Pneumonia"
    assert "90 of 100" in words.meaning()
    assert [bar.in_set for bar in words.bars()] == [True, True, True, False]


def test_answer_when_not_sure_draws_no_winner_and_says_why_and_what_would_help(answer: Prediction) -> None:
    reasons = (Reason(code="unlike-training-image", value=99.7),)
    words = _with(answer, outcome="not-sure", reasons=reasons, modalities=("text", "image"))
    assert words.headline() == "Not sure – no suggestion"
    assert words.meaning() == "The picture is unlike the training data."
    assert not any(bar.in_set for bar in words.bars())
    assert words.help_sentences() == ["a sharper picture of the right kind", "a recording"]


def test_answer_when_few_cases_were_tested_tells_no_share(answer: Prediction) -> None:
    words = _with(answer, evidence=Evidence(n=40, right=39))
    assert "n = 40" in words.meaning()
    assert "39" not in words.meaning().replace("n = 40", "")
    assert "98" not in words.meaning()


def test_bars_when_there_are_many_labels_sum_the_rest(answer: Prediction) -> None:
    labels = tuple(f"l{n}" for n in range(8))
    words = AnswerWords(
        answer.model_copy(
            update={"labels": labels, "probabilities": (0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.06, 0.04), "label_set": ("l0",)}
        ),
        (),
    )
    bars = words.bars()
    assert bars[-1].shown == "3 others"
    assert sum(bar.probability for bar in bars) == pytest.approx(1.0)


def test_reliance_when_worded_follows_sign_and_size(answer: Prediction) -> None:
    given = (
        Contribution(modality="text", log_odds=0.05),
        Contribution(modality="image", log_odds=1.4),
        Contribution(modality="audio", log_odds=-0.6),
    )
    words = [row.word for row in _with(answer, contributions=given).reliance()]
    assert words == ["hardly mattered", "spoke strongly for it", "spoke against it"]


@pytest.mark.parametrize(
    ("log_odds", "said"),
    [
        (1.1, "odds × 3.0"),
        (-1.1, "odds ÷ 3.0"),
        (0.0, "odds × 1.0"),
        (-0.01, "odds × 1.0"),
        (3.0, "odds × 20"),
        (9.0, "odds × > 1000"),
    ],
)
def test_reliance_when_its_size_is_told_says_what_it_did_to_the_odds(
    answer: Prediction, log_odds: float, said: str
) -> None:
    given = (Contribution(modality="text", log_odds=log_odds),)
    assert [row.odds for row in _with(answer, contributions=given).reliance()] == [said]


@pytest.mark.parametrize("outcome", ["suggests", "unclear", "not-sure"])
def test_answer_when_worded_never_says_diagnosis(answer: Prediction, outcome: str) -> None:
    words = _with(answer, outcome=outcome)
    said = " ".join([words.headline(), words.meaning(), *words.reason_sentences()])
    assert "diagnos" not in said.lower()


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0 %"), (0.004, "< 1 %"), (0.126, "13 %"), (0.996, "> 99 %"), (1.0, "100 %")]
)
def test_percent_when_near_the_ends_claims_no_certainty(share: float, said: str) -> None:
    assert percent(share) == said


def test_measured_when_a_model_was_tested_tells_n_and_interval(qapp: object) -> None:
    said = ModalityWords().measured(clinic_model())
    assert "300 cases" in said
    assert "86 of 100" in said
    assert "82 to 90" in said


def test_measured_when_few_cases_were_there_tells_no_share(qapp: object) -> None:
    few = Measured(
        split="val",
        accuracy=Interval(value=0.9, low=0.6, high=0.99, n=20),
        balanced_accuracy=0,
        macro_f1=0,
        ece=0,
        nll=0,
    )
    model = clinic_model().model_copy(update={"validation": few, "created_at": datetime.now(UTC)})
    assert "too few measured cases" in ModalityWords().measured(model)
    assert "90" not in ModalityWords().measured(model)


def test_answer_when_fewer_inputs_would_have_been_enough_says_which_and_else_says_nothing(answer: Prediction) -> None:
    (said,) = _with(answer, enough=("text", "image")).enough_sentences()
    assert said == "Text and Image would have been enough; without Sound the answer is the same."
    assert _with(answer, enough=()).enough_sentences() == []


@pytest.mark.parametrize(
    ("first", "second", "together", "said"),
    [
        (1.5, 0.8, 0.6, ["Text and Image help each other."]),
        (1.5, 0.8, -0.6, ["Text and Image say the same."]),
        (-1.5, -0.8, -0.6, ["Text and Image say the same."]),
        (2.3, -1.5, -1.8, []),
        (2.3, -1.5, 1.8, []),
        (1.5, 0.8, -0.05, []),
    ],
)
def test_answer_when_two_inputs_contradict_each_other_never_says_that_they_agree(
    answer: Prediction, first: float, second: float, together: float, said: list[str]
) -> None:
    contributions = (Contribution(modality="text", log_odds=first), Contribution(modality="image", log_odds=second))
    pair = (Interaction(first="text", second="image", log_odds=together),)
    assert _with(answer, contributions=contributions, interactions=pair).together() == said


def test_answer_when_inputs_were_longer_than_the_model_reads_says_how_much_was_read(answer: Prediction) -> None:
    partly = (
        Partly(part_id="a", modality="text", read=224, whole=398),
        Partly(part_id="b", modality="audio", read=2.42, whole=30.04),
    )
    assert _with(answer).partly_sentences() == []
    assert _with(answer, partly=partly).partly_sentences() == [
        "The model read only the beginning of the note: 224 of 398 characters.",
        "The model heard only the loudest 2.4 of 30.0 seconds of the recording.",
    ]


def test_answer_when_a_note_was_read_in_part_asks_for_no_longer_one(answer: Prediction) -> None:
    reasons = (Reason(code="unlike-training-text", value=99.7),)
    partly = (Partly(part_id="a", modality="text", read=224, whole=398),)
    asked = _with(answer, outcome="not-sure", reasons=reasons).help_sentences()
    assert any("longer" in sentence for sentence in asked)
    told = _with(answer, outcome="not-sure", reasons=reasons, partly=partly).help_sentences()
    assert not any("longer" in sentence for sentence in told)
