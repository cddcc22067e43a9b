"""PySide6 6.12.0 on Python 3.11 loses a reference at each signal and aborts after some hundred: never again."""

import subprocess
import sys

PROGRAM = """
import sys
from PySide6.QtCore import QObject, Signal
class Source(QObject):
    fired = Signal(bool)
heard = []
source = Source()
source.fired.connect(heard.append)
before = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(5000):
    source.fired.emit(True)
heard.clear()
after = sys.getrefcount(None), sys.getrefcount(True)
assert all(abs(a - b) < 100 for a, b in zip(after, before)), (before, after)
print("alive")
"""


def test_signals_when_emitted_5000_times_survive() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "alive"
