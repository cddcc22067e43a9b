"""`doctor`: it runs each check in a process of its own, so that a check that crashes is a finding."""

import pytest

from engine.cli import doctor
from engine.cli.doctor import Check, examined
from engine.schema.errors import EngineFault


@pytest.mark.parametrize(
    ("code", "good", "found"),
    [
        ("print('noise'); print('1.2.3')", True, "1.2.3"),
        ("import no_such_library", False, "ModuleNotFoundError: No module named 'no_such_library'"),
        ("import os; os.kill(os.getpid(), 11)", False, "ended with -11"),
    ],
)
def test_check_when_run_finds_what_is_there(code: str, good: bool, found: str) -> None:
    finding = examined(Check("it", code))
    assert (finding.good, finding.found) == (good, found)


def test_check_when_it_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_SECONDS", 0.5)
    assert examined(Check("it", "import threading; threading.Event().wait()")).found == "no answer in 0 s"


def test_doctor_when_only_an_optional_check_fails_is_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (Check("a", "print(1)"), Check("b", "raise SystemExit(1)", needed=False)))
    assert doctor.doctor()["good"] is True


def test_doctor_when_a_needed_check_fails_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (Check("broken thing", "raise SystemExit(1)", advice="mend it"),))
    with pytest.raises(EngineFault) as told:
        doctor.doctor()
    assert "broken thing" in str(told.value)
    assert "mend it" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["device", "teacher", "sandbox", "sqlite", "assets"])
def test_check_when_the_set_up_is_whole_succeeds(name: str) -> None:
    (check,) = [check for check in doctor.CHECKS if check.name == name]
    finding = examined(check)
    assert finding.good, finding.found
