"""The strip and the table show the trace's own numbers."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from engine.schema.base import MODALITIES
from engine.schema.prediction import RoutingTrace
from tests.workbench.fakes.answers import answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.widgets.routing_strip import Cell, RoutingStrip, unpack


@pytest.fixture
def trace(tmp_path: Path) -> RoutingTrace:
    case = FakeEngine(tmp_path).add_case("a", ("a.txt", b"x"), ("a.wav", b"x"))
    return answer_for(case, clinic_model()).routing


@pytest.fixture
def strip(qtbot: QtBot, trace: RoutingTrace) -> RoutingStrip:
    made = RoutingStrip()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show_trace(trace)
    made.show()
    return made


def test_strip_when_shown_writes_the_counts_of_the_trace(strip: RoutingStrip, trace: RoutingTrace) -> None:
    assert np.array_equal(strip.counts, unpack(trace.counts))
    head, *rows = strip.table()
    assert head == ("Layer", "Module", "Text", "Image", "Sound", "All")
    assert [[int(figure) for figure in row[2:5]] for row in rows] == strip.counts.reshape(-1, len(MODALITIES)).tolist()


def test_trace_when_counted_by_token_gives_its_counts(strip: RoutingStrip, trace: RoutingTrace) -> None:
    assert trace.experts is not None
    experts = unpack(trace.experts)
    again = np.zeros_like(strip.counts)
    for token, span in enumerate(trace.spans):
        for layer in range(trace.layers):
            for expert in experts[token, layer]:
                again[layer, expert, MODALITIES.index(span.modality)] += 1
    assert np.array_equal(again, strip.counts)


def test_cell_when_pointed_at_says_share_and_place(strip: RoutingStrip, trace: RoutingTrace) -> None:
    said = strip.sentence(Cell(layer=0, expert=0, token=0))
    count, total = int(strip.counts[0, 0, 0]), int(strip.counts[0, :, 0].sum())
    assert said.startswith(f"Layer 1, module 1: {count} of {total} pieces of the Text.")
    assert "characters 0 to 0" in said
    assert "second" in strip.sentence(Cell(layer=1, expert=2, token=len(trace.spans) - 1))


def test_pointer_when_moved_tells_the_token_and_when_it_leaves_nothing(qtbot: QtBot, strip: RoutingStrip) -> None:
    told: list[object] = []
    strip.token_pointed.connect(told.append)
    qtbot.mouseMove(strip, QPoint(40, 40))
    assert told[-1] is not None
    qtbot.mouseMove(strip, QPoint(2, 40))
    assert told[-1] is None


def test_strip_when_nothing_is_there_asks_for_no_room(strip: RoutingStrip) -> None:
    strip.show_trace(None)
    assert strip.sizeHint().height() == 0
