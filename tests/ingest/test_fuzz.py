import random
from collections import Counter

import pytest

from engine.ingest.batch import Batch
from engine.ingest.sandbox import Sandbox
from engine.schema.sentences import SENTENCES
from tests.ingest import samples

SEED = 20_240_607
MUTANTS_A_FILE = 60


def mutant(data: bytes, chance: random.Random) -> bytes:
    """Return a file with flipped bits, a cut, a repeated or removed piece, or a number at its largest."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(max(1, len(changed)))
        match chance.randrange(5):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at:]
            case 2:
                changed[at : at + 4] = chance.choice((b"\xff\xff\xff\x7f", b"\x7f\xff\xff\xff", b"\xff" * 4, bytes(4)))
            case 3:
                changed[at:at] = changed[at : at + chance.randrange(1, 200)]
            case _:
                del changed[at : at + chance.randrange(1, 50)]
        if not changed:
            break
    return bytes(changed)


@pytest.mark.parametrize("name", samples.SEEDS)
def test_a_damaged_file_when_decoded_then_gives_a_part_or_one_of_our_sentences(name: str) -> None:
    chance = random.Random(f"{SEED} {name}")
    ends: Counter[str] = Counter()
    with Sandbox() as sandbox, Batch(sandbox) as batch:
        for _ in range(MUTANTS_A_FILE):
            data = mutant(samples.SEEDS[name], chance)
            part, decoded = batch.decode(data, name, None)
            ends[part.problem.code if part.problem else "read"] += 1
            assert (part.decoded is None) == (part.problem is not None)
            assert bool(decoded) or part.problem is not None or part.modality == "text"
        part, _ = sandbox.decode_now(samples.SEEDS[name], name)
    assert part.problem is None, "the sandbox no longer reads a healthy file"
    assert set(ends) <= {*SENTENCES, "read"}
    assert not {"decode-crashed", "decode-timeout"} & set(ends), ends
    assert set(ends) != {"read"} or name.endswith("txt"), f"the mutants of {name} damage nothing: {ends}"
