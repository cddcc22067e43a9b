"""A ledger as a run leaves it, made up."""

from typing import Literal

from engine.schema.ledger import Against, Compared, Cost, Estimate, Latency, Ledger, Parted, Side, Slice
from engine.schema.model import Interval


def share(right: int, n: int) -> Interval:
    """Return a proportion; its interval is made up."""
    return Interval(value=right / n, low=max(0.0, right / n - 0.03), high=min(1.0, right / n + 0.03), n=n)


def side(right: int, n: int) -> Side:
    """Return how one side did."""
    return Side(accuracy=share(right, n), ece=0.031, nll=0.42)


def a_slice(name: str, student: int, teacher: int, n: int) -> Slice:
    """Return both sides on some cases."""
    return Slice(name=name, student=side(student, n), teacher=side(teacher, n), agreement=share(n - 8, n))


def _control(name: Literal["plain", "dense"]) -> Against:
    gain = Estimate(value=0.021, low=0.004, high=0.038)
    return Against(
        name=name,
        parameters=700_000,
        active=410_000,
        flops=412_000,
        epoch=12,
        accuracy=share(252, 300),
        nll=0.5,
        accuracy_gain=gain,
        nll_gain=gain,
    )


def a_ledger() -> Ledger:
    """Return a ledger with one dense teacher, one file of soft labels and both controls."""
    parted = [
        Parted(
            case_id=f"case-{number}",
            truth="croup",
            student="croup" if number % 2 else "asthma",
            student_probability=0.61,
            teacher="pneumonia",
            teacher_probability=0.83,
            divergence=2.0 / (number + 1),
        )
        for number in range(12)
    ]
    speed = [
        Latency(
            batch=batch,
            student=Estimate(value=3.2 * batch**0.5, low=3.1, high=3.4 * batch**0.5),
            teacher=Estimate(value=35.2 * batch**0.5, low=34.0, high=36.0 * batch**0.5),
            ratio=Estimate(value=11.0, low=10.7, high=11.4),
            pairs=30,
            quiet=28,
        )
        for batch in (1, 32)
    ]
    dense = Compared(
        name="fusion",
        kind="dense",
        cases=300,
        whole=a_slice("all", 258, 261, 300),
        retention=Estimate(value=0.989, low=0.971, high=1.006),
        divergence=0.081,
        by_label=(a_slice("croup", 88, 90, 100), a_slice("asthma", 170, 171, 200)),
        by_pattern=(a_slice("text+image+audio", 210, 212, 232), a_slice("text+image", 48, 49, 68)),
        cost=Cost(parameters=4_200_000, active=4_200_000, weights=16_800_000, working=31_000_000),
        latency=tuple(speed),
        student_alone_right=5,
        teacher_alone_right=6,
        both_wrong=1,
        parted=tuple(parted),
    )
    told = Compared(name="soft-labels", kind="file", cases=120, whole=a_slice("all", 100, 90, 120))
    return Ledger(
        recipe="distil",
        seed=1,
        folds=4,
        cases=300,
        machine="x86_64, no GPU: CPU (1 threads)",
        cost=Cost(parameters=700_000, active=410_000, weights=2_800_000, working=9_000_000),
        flops=412_672,
        student=side(258, 300),
        teachers=(dense, told),
        controls=(_control("plain"), _control("dense")),
    )
