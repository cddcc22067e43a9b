"""Out of place: what does not belong into the clinic ends as "not sure" with the reason, and genuine cases are not refused."""

import math
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.model.pretrained import load_council
from engine.predict.predictor import Predictor
from engine.schema.case import Case
from engine.schema.places import assets
from engine.schema.prediction import Prediction
from engine.store.blobs import Blobs
from tests.strange import Strange, strange_cases

pytestmark = pytest.mark.end_to_end
STRANGE = 200
GENUINE = 200
OUT_OF_PLACE = ("unlike-training", "quality-")


def shipped_model() -> Path | None:
    """Return the folder of the demo model of the clinic, where this checkout ships it."""
    found = sorted((assets() / "models" / "clinic").glob("**/config.json"))
    return found[0].parent if found else None


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Blobs:
    return Blobs(tmp_path_factory.mktemp("blobs"))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    folder = shipped_model()
    if folder is None:
        pytest.skip("SKIPPED: the demo model of the clinic is not among the assets")
    return Predictor(load_council(folder), "cpu")


@pytest.fixture(scope="module")
def genuine(blobs: Blobs) -> list[Case]:
    """Cases of the test half: phrasings, scanners, microphones and voices that training never had."""
    return list(keep_cases(DOMAINS["clinic"], "test", GENUINE, 77, blobs, "genuine", datetime(2030, 1, 1, tzinfo=UTC)))


def told(prediction: Prediction, strange: Strange) -> bool:
    """Whether the answer is withheld because of what is strange, and names it."""
    reasons = [reason.code for reason in prediction.reasons if reason.code.startswith(OUT_OF_PLACE)]
    named = strange.modality is None or any(code.endswith(strange.modality) for code in reasons)
    return prediction.outcome == "not-sure" and bool(reasons) and named


def test_strange_things_when_dropped_into_the_clinic_then_nearly_all_end_not_sure_with_the_reason(
    predictor: Predictor, genuine: list[Case], blobs: Blobs
) -> None:
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for strange in strange_cases(blobs, genuine, STRANGE, 77):
        by_kind[strange.kind].append(told(predictor.predict(strange.parts, blobs, explain=False), strange))
    shares = {kind: sum(found) / len(found) for kind, found in by_kind.items()}
    print(f"told as strange, by kind: {shares}")
    assert sum(map(sum, by_kind.values())) >= math.ceil(0.95 * STRANGE), shares
    assert min(shares.values()) >= 0.75, shares


def test_genuine_cases_when_dropped_then_at_most_a_tenth_is_refused(
    predictor: Predictor, genuine: list[Case], blobs: Blobs
) -> None:
    refused = [predictor.predict(case.parts, blobs, explain=False) for case in genuine]
    refused = [prediction for prediction in refused if prediction.outcome == "not-sure"]
    reasons = sorted(reason.code for prediction in refused for reason in prediction.reasons)
    print(f"refused {len(refused)} of {GENUINE}: {reasons}")
    assert len(refused) <= GENUINE // 10, reasons
