import pytest

from engine.ingest.importers.sidecar import read_sidecar
from engine.schema.case import Label
from engine.schema.errors import UserError

WHOLE = """
title: Cough clinic, spring
task: Name the illness
license: CC BY 4.0
synthetic: true
source: somewhere
labels:
  - {name: flu, en: Influenza, zh: 流感}
  - cold
columns: {text: note, image: [front, side], label: dx}
group: patient_id
""".encode()


def test_a_sidecar_when_whole_then_everything_it_says_is_known() -> None:
    said = read_sidecar(WHOLE)
    assert (said.title, said.task, said.licence, said.synthetic) == (
        "Cough clinic, spring",
        "Name the illness",
        "CC BY 4.0",
        True,
    )
    assert said.labels == (Label(name="flu", en="Influenza", zh="流感"), Label(name="cold"))
    assert (said.columns.text, said.columns.image) == (("note",), ("front", "side"))
    assert (said.columns.label, said.columns.group) == ("dx", "patient_id")


@pytest.mark.parametrize(
    "written",
    ["labels: {flu: Influenza, cold: Common cold}", "labels: {flu: {en: Influenza}, cold: {en: Common cold}}"],
)
def test_labels_when_written_as_a_mapping_then_keep_their_order(written: str) -> None:
    labels = read_sidecar(written.encode()).labels
    assert [(label.name, label.en) for label in labels] == [("flu", "Influenza"), ("cold", "Common cold")]


def test_labels_that_are_numbers_when_read_then_are_words_as_in_the_table() -> None:
    assert [label.name for label in read_sidecar(b"labels: [0, 1]").labels] == ["0", "1"]


def test_a_sidecar_when_it_names_its_domain_then_that_is_known_and_a_strange_name_is_refused() -> None:
    assert read_sidecar(b"domain: clinic").domain == "clinic"
    assert not read_sidecar(b"title: any").domain
    with pytest.raises(UserError):
        read_sidecar(b"domain: ../clinic")


def test_no_sidecar_or_an_empty_one_when_read_then_says_nothing() -> None:
    assert read_sidecar(None) == read_sidecar(b"") == read_sidecar(b"# nothing\n")


@pytest.mark.parametrize(
    "data",
    [
        b"a: [1, 2",
        b"- a list",
        b"\xff\xfe\xfd",
        b"title: [1, 2]",
        b"labels: [a, a]",
        b"labels: [" + b"x, " * 501 + b"]",
        b"title: !!python/object/apply:os.system ['true']",
        b"a: &a [x]\nb: [*a, *a]",
        b"[" * 5000,
        b"columns: {colour: red}",
        b"labels: [{en: no name}]",
        b"x" * (256 * 1024 + 1),
    ],
)
def test_a_sidecar_that_is_wrong_or_hostile_when_read_then_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_sidecar(data)
    assert caught.value.code == "sidecar-unreadable"
    assert len(str(caught.value)) < 600
