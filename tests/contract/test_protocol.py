"""The protocol's number goes up with its messages: two versions of the program refuse each other by it, with a sentence."""

from engine.schema import PROTOCOL_VERSION
from tests.contract.wire import agreed, lines


def test_messages_when_they_change_then_the_protocol_has_a_new_number() -> None:
    number, kept = agreed()
    now = lines()
    changed = sorted(set(now) ^ set(kept))
    assert (number, changed) == (PROTOCOL_VERSION, []), (
        "Raise PROTOCOL_VERSION, then run `python -m tests.contract.wire`."
    )


def test_lines_when_read_then_hold_what_settings_and_ledgers_are_made_of() -> None:
    fields = {line.split(" ")[0] for line in lines()}
    assert {
        "RunConfig.parts",
        "RunConfig.recipe!",
        "Ledger.learned",
        "Health.protocol!",
        "EngineAddress.pid!",
    } <= fields
