"""The experts matter: take one's work away and answers get worse; deal all work out at random and accuracy falls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.evaluate.reroute import shuffled_effect, worth_of_experts
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import Batch, collate
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("experts")]
CASES, AT_ONCE = 1200, 100
SEED = 4242
"""Of the fresh cases; the shipped model never met them, nor their phrasings, scanners and voices."""


@pytest.fixture(scope="module")
def council(demo_model: Path) -> Iterator[Council]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the other tests use the other cores; threads that wait for a busy core cost tenfold
    yield load_council(demo_model)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def batches(council: Council, tmp_path_factory: pytest.TempPathFactory) -> list[Batch]:
    """Return fresh cases of the test half with their truth."""
    folder: Path = tmp_path_factory.mktemp("fresh")
    names = [label.name for label in council.labels]
    with BulkBlobs(folder) as blobs:
        at = datetime(2030, 1, 1, tzinfo=UTC)
        cases = list(keep_cases(DOMAINS["clinic"], "test", CASES, SEED, blobs, "fresh", at))
    prepared = [council.preparation.prepare(case.parts, Blobs(folder)) for case in cases]
    labels = [names.index(case.label) for case in cases]
    return [
        collate(prepared[start : start + AT_ONCE], council.preparation, labels[start : start + AT_ONCE])
        for start in range(0, CASES, AT_ONCE)
    ]


def test_experts_when_their_tokens_go_to_the_next_choice_then_the_loss_of_most_changes_beyond_its_interval(
    council: Council, batches: list[Batch]
) -> None:
    effects = worth_of_experts(council.student, batches, [label.name for label in council.labels], modalities=())
    assert len(effects) == council.config.layers * council.config.experts
    told = {
        f"layer {one.layer} expert {one.expert}": (round(one.whole.low, 4), round(one.whole.high, 4)) for one in effects
    }
    print(told)
    mattering = [one for one in effects if one.whole.is_clear]
    assert 2 * len(mattering) >= len(effects), told
    assert sum(one.whole.value for one in effects) > 0, told


def test_routing_when_dealt_out_at_random_costs_accuracy(council: Council, batches: list[Batch]) -> None:
    shuffled = shuffled_effect(council.student, batches)
    print(shuffled)
    assert shuffled.change.low > 0
    assert shuffled.accuracy_shuffled < shuffled.accuracy
