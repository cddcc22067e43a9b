"""A domain is a folder: a new one works without code, a faulty one is refused with a sentence, none is known by name."""

import os
from pathlib import Path

import pytest

from engine.demo.domains import DOMAINS, check_folder, named, read_generated
from engine.demo.generator import generate
from engine.schema.base import MODALITIES
from engine.schema.case import Label
from engine.schema.domain import Domain
from engine.schema.domain_folder import BYTES_LIMIT, adopt, offered, read_domain
from engine.schema.errors import UserError
from engine.service.shipped import make_domain_project
from tests.conftest import ROOT
from tests.demo.bakery import DOMAIN, WORLD, phrases, write_bakery


def _refusal(folder: Path) -> str:
    with pytest.raises(UserError) as refused:
        check_folder(folder)
    assert refused.value.code == "domain-unreadable"
    assert all(refused.value.body().text(language) for language in ("en", "zh"))
    return str(refused.value.body().parameters["detail"])


def test_new_domain_when_read_then_it_generates_its_own_cases(tmp_path: Path) -> None:
    bakery = read_generated(write_bakery(tmp_path / "bakery"))
    cases = list(generate(bakery, "train", 30, seed=1))
    assert {case.label for case in cases} == {"order", "complaint", "praise"}
    assert {name for case in cases for name in case.findings} == {"topic", "slip", "mood", "ending", "place"}
    assert any(case.picture is None for case in cases)


def test_domain_of_two_inputs_when_read_then_its_cases_have_these_alone(tmp_path: Path) -> None:
    inputs = DOMAIN.replace("  image: {en: Order slip, zh: 订单小票, file: slip.png}\n", "")
    head, slip, rest = (WORLD[: WORLD.index("  slip:")], "", WORLD[WORLD.index("  mood:") : WORLD.index("papers:")])
    folder = write_bakery(tmp_path / "bakery", domain_yaml=inputs, world_yaml=head + slip + rest)
    bakery = read_generated(folder)
    assert all(case.picture is None for case in generate(bakery, "train", 20, seed=1))
    assert set(bakery.world.patterns()) == {("text", "audio"), ("text",), ("audio",)}
    assert bakery.world.best() < bakery.world.oracle(MODALITIES)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("domain_yaml", "id: bakery", "id: [bakery", "domain.yaml is not valid YAML (line"),
        ("domain_yaml", "id: bakery", "id: bak ery", "id: String should match"),
        ("domain_yaml", "name: praise", "name: order", "a label is named twice"),
        ("domain_yaml", "  audio: {", "  smell: {", "inputs.smell"),
        ("domain_yaml", "letter.txt", "../letter.txt", "inputs.text.file"),
        ("domain_yaml", "  audio: {en: Call, zh: 来电, file: call.wav}\n", "", "mood belongs to the input audio"),
        ("world_yaml", "people: callers", "people: bakers", "world.yaml: people"),
        ("world_yaml", "people: callers", "people: &a callers\nmore: *a", "world.yaml is not valid YAML"),
        ("world_yaml", "order: 0.4", "order: 0.5", "the prior must be above 0 and add up to 1"),
        ("world_yaml", "order: 0.4,", "", "the prior must name every label"),
        ("world_yaml", "given      bill", "bill", "the table of slip must begin with `given`"),
        ("world_yaml", "order        90      10", "order        90      ten", "the lines of the table of slip"),
        ("world_yaml", "order        90      10", "order        90", "the lines of the table of slip"),
        ("world_yaml", "order        90      10", "order        110     -10", "the table of slip has a number below 0"),
        ("world_yaml", "input: image", "input: audio", "world.yaml has no finding for the input image"),
        ("world_yaml", "anxious   tired", "anxious   happy", "nothing shows mood happy"),
        ("world_yaml", "  place:", "  room:", "nothing shows room"),
        ("world_yaml", "BILL", "bill", "cannot be drawn"),
        ("phrases_txt", "@ aside", "# aside", "phrases.txt has no sentence en for aside"),
        ("phrases_txt", "zh* 是蛋糕", "zx* 是蛋糕", "not a line of a phrasebook"),
    ],
)
def test_folder_when_something_in_it_is_wrong_then_a_sentence_says_what(
    name: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    whole = {"domain_yaml": DOMAIN, "world_yaml": WORLD, "phrases_txt": phrases()}[name]
    assert old in whole
    assert said in _refusal(write_bakery(tmp_path / "bakery", **{name: whole.replace(old, new)}))


def test_folder_when_a_file_is_missing_or_of_a_wrong_kind_then_a_sentence_says_which(tmp_path: Path) -> None:
    assert _refusal(write_bakery(tmp_path / "a", domain_yaml="")) == "there is no domain.yaml"
    half = write_bakery(tmp_path / "b", phrases_txt="")
    assert _refusal(half) == "of world.yaml and phrases.txt only world.yaml is there"
    large = write_bakery(tmp_path / "c", phrases_txt="#" * (BYTES_LIMIT + 1))
    assert _refusal(large) == "phrases.txt is larger than 256 KB"
    other = write_bakery(tmp_path / "d")
    (other / "phrases.txt").write_bytes(b"\xff\xfe\x00 no text")
    assert _refusal(other) == "phrases.txt is not text in UTF-8"


@pytest.mark.parametrize("name", ["domain.yaml", "world.yaml", "phrases.txt", "knowledge.yaml"])
def test_folder_when_a_file_is_a_link_then_it_is_refused_and_no_project_is_left(name: str, tmp_path: Path) -> None:
    folder = write_bakery(tmp_path / "bakery")
    secret = tmp_path / "secret"
    secret.write_text("{}")
    (folder / name).unlink(missing_ok=True)
    os.symlink(secret, folder / name)
    with pytest.raises(UserError, match="is a link"):
        make_domain_project(tmp_path / "project", folder)
    assert not (tmp_path / "project").exists()


def test_folder_when_its_knowledge_is_faulty_then_its_line_is_told(tmp_path: Path) -> None:
    folder = write_bakery(tmp_path / "bakery", knowledge_yaml="rules:\n  - {finding: crumbs, label: order}\n")
    with pytest.raises(UserError) as refused:
        check_folder(folder)
    assert refused.value.code.startswith("knowledge-")
    assert refused.value.body().parameters["line"] == 2


def test_project_when_made_from_a_folder_then_it_holds_the_allowed_files_alone(tmp_path: Path) -> None:
    folder = write_bakery(tmp_path / "bakery")
    (folder / "notes.txt").write_text("not for the project")
    (folder / "code.py").write_text("raise SystemExit")
    made = make_domain_project(tmp_path / "project", folder)
    copied = {path.name for path in (tmp_path / "project" / "domain").iterdir()}
    assert (made.id, copied) == ("bakery", {"domain.yaml", "world.yaml", "phrases.txt"})
    assert named("bakery", tmp_path / "project").name == "bakery"
    assert make_domain_project(tmp_path / "project", folder) == made


def test_project_when_it_has_another_domain_then_a_second_is_refused(tmp_path: Path) -> None:
    make_domain_project(tmp_path / "project", write_bakery(tmp_path / "bakery"))
    other = write_bakery(tmp_path / "other", domain_yaml=DOMAIN.replace("id: bakery", "id: baker"))
    with pytest.raises(UserError) as refused:
        make_domain_project(tmp_path / "project", other)
    assert refused.value.code == "domain-there"
    assert read_domain(tmp_path / "project" / "domain").id == "bakery"


def test_adoption_when_the_check_fails_then_nothing_is_left(tmp_path: Path) -> None:
    def refuse(_copy: Path) -> None:
        raise UserError("domain-unreadable", name="bakery", detail="it was changed meanwhile")

    with pytest.raises(UserError):
        adopt(write_bakery(tmp_path / "bakery"), tmp_path, refuse)
    assert {path.name for path in tmp_path.iterdir()} == {"bakery"}


def test_domains_when_offered_then_the_own_one_stands_first_and_hides_one_of_its_name(tmp_path: Path) -> None:
    names = [info.domain.id for info in offered(tmp_path).domains]
    assert names == sorted(DOMAINS)
    write_bakery(tmp_path / "domain", domain_yaml=DOMAIN.replace("id: bakery", f"id: {names[-1]}"), world_yaml="")
    listed = offered(tmp_path).domains
    assert [info.domain.id for info in listed] == [names[-1], *names[:-1]]
    assert [(info.own, info.generates) for info in listed] == [(True, False)] + [(False, True)] * (len(names) - 1)


def test_domains_when_the_own_one_cannot_be_read_then_its_problem_is_told_and_the_others_are_there(
    tmp_path: Path,
) -> None:
    write_bakery(tmp_path / "domain", domain_yaml="id: [")
    listed = offered(tmp_path)
    assert len(listed.domains) == len(DOMAINS)
    assert listed.problem is not None
    assert listed.problem.code == "domain-unreadable"


def test_domain_when_named_but_unknown_then_the_known_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        named("astrology", tmp_path)
    assert refused.value.code == "domain-unknown"
    assert all(name in str(refused.value.body().parameters["known"]) for name in DOMAINS)


def test_labels_when_a_domain_knows_them_then_it_lends_the_wording_they_lack(tmp_path: Path) -> None:
    bakery = read_domain(write_bakery(tmp_path / "bakery"))
    worded = bakery.worded((Label(name="order"), Label(name="praise", en="Thanks"), Label(name="other")))
    assert [(label.en, label.zh) for label in worded] == [("New order", "新订单"), ("Thanks", "表扬"), ("", "")]


def test_words_when_one_language_is_missing_then_the_other_stands_in() -> None:
    domain = Domain.model_validate({"id": "x", "title": "Only English", "labels": ["a", "b"]})
    assert (domain.title.shown("zh"), domain.modalities()) == ("Only English", MODALITIES)


def test_code_when_searched_then_no_python_file_mentions_the_third_domain() -> None:
    third = "leg" + "al"
    rooms = [path for room in ("engine", "workbench", "tests") for path in (ROOT / room).rglob("*.py")]
    assert third in DOMAINS
    assert not [path for path in rooms if third in path.read_text(encoding="utf-8").lower()]
