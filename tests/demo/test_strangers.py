"""What belongs into neither demo."""

import numpy as np
import pytest

from engine.demo.dataset import encode_parts
from engine.demo.domains import DOMAINS
from engine.demo.strangers import STRANGERS
from engine.ingest.decode import audio, image, text


@pytest.mark.parametrize("kind", STRANGERS)
def test_stranger_when_drawn_twice_then_a_seed_says_everything_and_another_differs(kind: str) -> None:
    def parts(seed: int) -> list[bytes]:
        stranger = STRANGERS[kind](np.random.default_rng(seed))
        return [part.data for part in encode_parts(stranger.text, stranger.picture, stranger.sound)]

    assert parts(1) == parts(1)
    assert parts(1) != parts(2)
    assert parts(1)


def test_strangers_when_decoded_then_only_the_empty_ones_are_flagged() -> None:
    flags: dict[str, list[str]] = {}
    for kind, draw in STRANGERS.items():
        stranger = draw(np.random.default_rng(4))
        flags[kind] = []
        for part in encode_parts(stranger.text, stranger.picture, stranger.sound):
            if part.modality == "text":
                found = text.decode(part.data, "a.txt")[2]
            elif part.modality == "image":
                found = image.decode(part.data, "a.png")[2]
            else:
                found = audio.decode(part.data, "a.wav", "wav")[2]
            flags[kind] += [flag.code for flag in found]
    assert flags.pop("blank-page") == ["blank-image"]
    assert flags.pop("silence") == ["silent-audio"]
    assert not any(flags.values())


def test_filler_when_compared_with_the_phrasebooks_then_no_word_of_it_is_theirs() -> None:
    stranger = STRANGERS["lorem"](np.random.default_rng(0))
    assert stranger.text is not None
    filler = {word.strip(".").lower() for word in stranger.text.split() if len(word) > 3}
    for domain in DOMAINS.values():
        person = domain.draw_person("train", np.random.default_rng(1))
        rng = np.random.default_rng(2)
        for _ in range(50):
            found = domain.world.draw_findings(domain.world.draw_label(rng), rng)
            note = person.write({f.name: found[f.name] for f in domain.world.of("text")}, rng)
            assert not filler & set(note.lower().replace(".", "").split())
