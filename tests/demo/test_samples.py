"""The cases that ship to be dragged are what the committed command makes."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.demo import samples
from engine.demo.domains import DOMAINS
from engine.ingest.decode.image import read_png
from engine.schema.places import assets


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    samples.write_samples(folder)
    return folder


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_samples_when_written_again_then_they_are_those_that_ship(made: Path) -> None:
    shipped = assets() / "cases"
    assert _files(made) == _files(shipped)
    for name in _files(made):
        if name.endswith(".png"):  # how tightly a PNG is packed depends on the library that packs it
            np.testing.assert_array_equal(read_png((made / name).read_bytes()), read_png((shipped / name).read_bytes()))
        else:
            assert (made / name).read_bytes() == (shipped / name).read_bytes(), name


def test_samples_when_counted_then_every_domain_has_some_with_something_complete_missing_unclear_and_strange(
    made: Path,
) -> None:
    document = json.loads((made / "expected.json").read_text(encoding="utf-8"))
    cases = document["cases"]
    assert document["synthetic"] is True
    assert len(cases) == len(samples.SAMPLES) + 2
    assert {case["demo"] for case in cases} == {*DOMAINS, ""}
    assert {case["expect"] for case in cases} == {"suggests", "unclear", "not-sure"}
    assert {len(case["inputs"]) for case in cases if case["demo"]} == {2, 3}
    for case in cases:
        assert len(list((made / case["folder"]).iterdir())) == len(case["inputs"])
        if case["demo"]:
            assert case["truth"] in DOMAINS[case["demo"]].world.names()
            assert next(iter(case["best_possible"])) == case["truth"]


def test_readme_when_read_then_it_says_synthetic_in_both_languages(made: Path) -> None:
    readme = (made / "README.txt").read_text(encoding="utf-8")
    assert "synthetic" in readme
    assert "合成" in readme


def test_sample_when_no_case_fits_then_the_search_says_which_one() -> None:
    wanted = samples.Wanted("impossible", "clinic", "asthma", ("text",), "en", least=1.1, most=1.2)
    with pytest.raises(LookupError, match="impossible"):
        samples.find(wanted)
