"""A ledger that never was: one teacher that reads everything, one that is a file, both controls, cases that part them."""

from engine.schema.ledger import Against, Compared, Cost, Estimate, Latency, Ledger, Parted, Side, Slice
from engine.schema.model import Interval


def share(value: float, n: int) -> Interval:
    """Return a proportion with a plausible interval."""
    half = 1.96 * (value * (1 - value) / max(1, n)) ** 0.5
    return Interval(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=n)


def side(value: float, n: int, ece: float = 0.031) -> Side:
    """Return how one side did."""
    return Side(accuracy=share(value, n), ece=ece, nll=0.44)


def part(name: str, ours: float, theirs: float, same: float, n: int) -> Slice:
    """Return both sides on a part of the cases."""
    return Slice(name=name, student=side(ours, n), teacher=side(theirs, n, 0.052), agreement=share(same, n))


def parted(number: int, truth: str, ours: str, theirs: str) -> Parted:
    """Return a case on which they part ways."""
    return Parted(
        case_id=f"demo-{number:04d}", truth=truth, student=ours, student_probability=0.54, teacher=theirs,
        teacher_probability=0.81, divergence=1.3,
    )  # fmt: skip


def compared(name: str = "MiniLM-L6-v2", **facts: object) -> Compared:
    """Return the model beside one teacher."""
    labels = (("croup", 512), ("bronchitis", 488), ("pneumonia", 861), ("asthma", 15))
    patterns = (("text+image+audio", 1310), ("text+image", 418), ("text", 148))
    single = Latency(
        batch=1, student=Estimate(value=1.21, low=1.18, high=1.26), teacher=Estimate(value=37.8, low=36.9, high=39.2),
        ratio=Estimate(value=31.2, low=29.8, high=33.0), pairs=30, quiet=28,
    )  # fmt: skip
    many = Latency(
        batch=32, student=Estimate(value=14.6, low=14.1, high=15.2), teacher=Estimate(value=171.0, low=166.0, high=180.0),
        ratio=Estimate(value=11.7, low=11.1, high=12.4), pairs=30, quiet=26,
    )  # fmt: skip
    made = Compared(
        name=name, kind="pretrained-text", cases=1876, whole=part("all", 0.861, 0.868, 0.912, 1876),
        retention=Estimate(value=0.992, low=0.978, high=1.006), divergence=0.112,
        by_label=tuple(part(label, 0.84, 0.86, 0.9, n) for label, n in labels),
        by_pattern=tuple(part(pattern, 0.86, 0.87, 0.91, n) for pattern, n in patterns),
        cost=Cost(parameters=22_700_000, active=22_700_000, weights=90_800_000, working=118_000_000),
        latency=(single, many), student_alone_right=62, teacher_alone_right=75, both_wrong=28,
        parted=(
            parted(412, "croup", "asthma", "croup"), parted(87, "pneumonia", "pneumonia", "bronchitis"),
            parted(1203, "asthma", "croup", "bronchitis"),
        ),
    )  # fmt: skip
    return made.model_copy(update=facts)


def ledger(*teachers: Compared) -> Ledger:
    """Return the ledger of the stand-in's model, with a control that is beaten and one that is not."""
    shared = {"parameters": 612_000, "active": 241_000, "flops": 480_000, "epoch": 14, "nll": 0.5}
    plain = Against.model_validate(
        shared | {
            "name": "plain", "accuracy": share(0.829, 1876), "accuracy_gain": Estimate(value=0.032, low=0.011, high=0.053),
            "nll_gain": Estimate(value=0.06, low=0.02, high=0.1),
        }
    )  # fmt: skip
    dense = Against.model_validate(
        shared | {
            "name": "dense", "accuracy": share(0.858, 1876), "accuracy_gain": Estimate(value=0.003, low=-0.009, high=0.016),
            "nll_gain": Estimate(value=0.0, low=-0.01, high=0.01),
        }
    )  # fmt: skip
    return Ledger(
        recipe="distil", seed=1, folds=4, cases=1876, machine="x86_64, CPU (1 thread)",
        cost=Cost(parameters=612_000, active=241_000, weights=2_460_000, working=3_100_000), flops=480_000,
        student=side(0.861, 1876), teachers=teachers or (compared(),), controls=(plain, dense),
    )  # fmt: skip
