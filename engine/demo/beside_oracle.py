"""How near a demo model comes to what can be known: `python -m engine.demo.beside_oracle clinic [--model FOLDER] [--cases 2000]`.

The oracle reads the findings that were rendered into the files and answers by their exact posterior in the generated world; the model
has only the files. Both answer the same cases of the test half, with everything and with each kind of input hidden. A case that has
nothing left is left out of that line. Shapes: N cases, C labels, B cases of a batch.
"""

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.demo.dataset import keep_case
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated, GeneratedCase, generate
from engine.device import set_threads
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.base import MODALITIES, Modality
from engine.schema.places import assets
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs

_SEED = 777
"""Of the test cases; other than the seed the models are made with."""
_BATCH = 200
_MADE = datetime(2030, 1, 1, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Beside:
    """Shares of right answers with one kind of input hidden (None: with all) on the same `n` cases."""

    hidden: Modality | None
    n: int
    model: float
    oracle: float

    @property
    def ratio(self) -> float:
        """What the model has of the oracle's accuracy."""
        return self.model / self.oracle


def beside_oracle(domain: Generated, model: Path, cases: int) -> tuple[Beside, ...]:
    """Return the model beside the oracle, with everything first and then with each kind of input hidden."""
    council, world = load_council(model), domain.world
    made = list(generate(domain, "test", cases, _SEED))
    prepared = prepared_for(council, domain, made)
    kinds = {finding.name: finding.modality for finding in world.findings}
    names = list(world.names())
    truth_N = np.array([names.index(one.label) for one in made])
    found = []
    for hidden in (None, *MODALITIES):
        left = [{name: value for name, value in one.findings.items() if kinds[name] != hidden} for one in made]
        rows = [row for row, findings in enumerate(left) if findings]
        knows_N = np.array([np.argmax(world.posterior(left[row])) for row in rows])
        says_N = _answers(council, [prepared[row] for row in rows], hidden, names)
        right = ((says_N == truth_N[rows]).mean(), (knows_N == truth_N[rows]).mean())
        found.append(Beside(hidden, len(rows), float(right[0]), float(right[1])))
    return tuple(found)


def prepared_for(council: Council, domain: Generated, made: Sequence[GeneratedCase]) -> list[PreparedCase]:
    """Return generated cases as a council reads them."""
    with tempfile.TemporaryDirectory(prefix="consilium-oracle-") as folder:
        (Path(folder) / "blobs").mkdir()
        with BulkBlobs(Path(folder) / "blobs") as bulk:
            kept = [keep_case(one, bulk, domain.name, _MADE) for one in made]
        blobs = Blobs(Path(folder) / "blobs")
        return [council.preparation.prepare(case.parts, blobs) for case in kept]


@torch.inference_mode()
def _answers(
    council: Council, cases: Sequence[PreparedCase], hidden: Modality | None, names: Sequence[str]
) -> NDArray[np.int64]:
    """Return the place of the likeliest label of each case among the world's."""
    place_C = np.array([names.index(label.name) for label in council.labels])
    said = []
    for start in range(0, len(cases), _BATCH):
        batch = collate(cases[start : start + _BATCH], council.preparation)
        mask_M = torch.tensor([modality == hidden for modality in MODALITIES])
        said.append(council.student(batch.hide(mask_M.expand(batch.size, -1))).logits_BC.argmax(1))
    return np.asarray(place_C[torch.cat(said).numpy()])


def table(domain: str, lines: Sequence[Beside]) -> str:
    """Return the lines as a table for people."""
    head = [f"{domain}: the model that ships beside the exact posterior of the findings rendered", ""]
    head += ["| inputs | cases | model | oracle | share of the oracle |", "|---|---|---|---|---|"]
    for line in lines:
        said = "all" if line.hidden is None else f"without {line.hidden}"
        head.append(f"| {said} | {line.n} | {line.model:.4f} | {line.oracle:.4f} | {100 * line.ratio:.1f} % |")
    return "\n".join(head) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print the table of one domain."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.demo.beside_oracle", description="Hold a demo model against the oracle."
    )
    parser.add_argument("domain", choices=sorted(DOMAINS))
    parser.add_argument("--model", type=Path, help="model folder; without it the one that ships")
    parser.add_argument("--cases", type=int, default=2000)
    asked = parser.parse_args(arguments)
    set_threads(1)
    model = asked.model or assets() / "models" / asked.domain
    sys.stdout.write(table(asked.domain, beside_oracle(DOMAINS[asked.domain], model, asked.cases)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
