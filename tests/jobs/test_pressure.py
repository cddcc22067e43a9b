"""What follows when a worker does not obey or says nothing: asked, then ended."""

from engine.jobs.supervisor import Pressure, Timing
from engine.schema.worker import Control


class CountingWorker:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.terminated = 0
        self.killed = 0

    def terminate(self) -> None:
        self.terminated += 1

    def kill(self) -> None:
        self.killed += 1


def _pressed(action: str, timing: Timing, times: int = 2) -> CountingWorker:
    worker, pressure = CountingWorker(), Pressure(timing)
    for _ in range(times):
        pressure.press(worker, Control(action=action))  # type: ignore[arg-type]
    return worker


def test_worker_when_it_is_cancelled_and_goes_on_is_asked_to_end_then_ended() -> None:
    patient = Timing(cancel=1000.0)
    asked = Timing(cancel=0.0, silence=1000.0)
    assert (_pressed("cancel", patient).terminated, _pressed("cancel", patient).killed) == (0, 0)
    assert _pressed("cancel", asked).killed + _pressed("cancel", asked).terminated >= 1


def test_worker_when_silent_for_too_long_is_ended_but_not_while_paused() -> None:
    impatient = Timing(silence=-1.0)
    assert _pressed("run", impatient).killed == 2
    assert _pressed("run", Timing(silence=1000.0)).killed == 0
    assert _pressed("pause", Timing(silence=0.5)).killed == 0
