"""Lines that were written before an event could tell more are read as ever: what they do not say stays unknown."""

import json

from engine.schema.event import Gate, Routing, RunLine, Saturation

BEFORE_GATES = (
    '{"n":7,"at":"2026-03-02T12:00:00Z","body":{"kind":"routing","step":40,"source":"check","stage":"fold-1",'
    '"counts":{"dtype":"int64","shape":[1,2,3],"data":"AQAAAAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAAAFAAAAAAAAAAYAAAAAAAAA"},'
    '"entropy":[0.8631205685666309],"max_violation":[0.4285714285714286],"modalities":["text","image","audio"],'
    '"checkpoint":"fold-1-000040","dropped":0}}'
)


def test_routing_when_written_before_gates_were_told_is_read_and_knows_nothing_of_them() -> None:
    body = RunLine.model_validate_json(BEFORE_GATES).body
    assert isinstance(body, Routing)
    assert body.counts.flat() == [1, 2, 3, 4, 5, 6]
    assert (body.gate, body.changed, body.together) == (None, None, None)


def test_events_of_routing_when_written_as_lines_hold_no_array_as_a_list() -> None:
    for message in (Gate, Routing, Saturation):
        told = json.dumps(message.model_json_schema()["properties"])
        assert '"items": {"items"' not in told
        assert '"items": {"type": "array"' not in told
