"""Routing in numbers, in words: each measure with its plain name, its technical one, what is good and what is bad, and its values.

Shapes: L layers, E experts, M modalities.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QCoreApplication, QLocale

from engine import utilisation
from engine.schema.base import Modality
from engine.utilisation import Counts, Shares
from workbench.state.routing import Snapshot

UNKNOWN: Final = "–"
_MINUS: Final = "\u2212"


@dataclasses.dataclass(frozen=True)
class Measure:
    """One measure: a value of all pieces, then one of each kind of input; an empty one has no meaning there."""

    name: str
    technical: str
    meaning: str
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Group:
    """Measures that answer one question."""

    question: str
    measures: tuple[Measure, ...]


def groups(shown: Snapshot, check: Snapshot | None, layer: int) -> tuple[Group, ...]:
    """Return the measures of one layer of a measurement; idle modules and changes are those of the newest check."""
    translate = QCoreApplication.translate
    found = (
        Group(translate("RoutingNumbers", "How the work is spread"), _spread(shown, check, layer)),
        Group(translate("RoutingNumbers", "How sure the choice is"), _sureness(shown, layer)),
        Group(translate("RoutingNumbers", "Which input goes where"), _inputs(shown, layer)),
        Group(translate("RoutingNumbers", "What changed since the last checkpoint"), _changes(check, layer)),
    )
    return tuple(group for group in found if group.measures)


def _columns(shown: Snapshot) -> tuple[Modality | None, ...]:
    return (None, *shown.modalities)


class _Load:
    """The counts of one layer, of all pieces and of each kind of input."""

    def __init__(self, shown: Snapshot, layer: int) -> None:
        self._counts = [shown.of(kind)[layer : layer + 1] for kind in _columns(shown)]

    def of(self, measure: Callable[[Counts], Shares], text: Callable[[float], str]) -> tuple[str, ...]:
        """Return a measure of each; without any pieces it is unknown."""
        return tuple(text(float(measure(counts)[0])) if counts.sum() else UNKNOWN for counts in self._counts)


def _spread(shown: Snapshot, check: Snapshot | None, layer: int) -> tuple[Measure, ...]:
    load = _Load(shown, layer)
    return *_evenness(load, shown.experts), *_extremes(load), _idle(check, layer, len(_columns(shown)))


def _evenness(load: _Load, experts: int) -> tuple[Measure, ...]:
    translate = QCoreApplication.translate
    return (
        Measure(
            translate("RoutingNumbers", "Evenness"),
            "H(f)/ln E",
            translate(
                "RoutingNumbers",
                "1.00: all modules do as much; 0.00: one does everything. Below 0.50 most modules hardly count. Within one kind of input uneven is no fault: a module may be made for it.",
            ),
            load.of(utilisation.entropy, _plain),
        ),
        Measure(
            translate("RoutingNumbers", "Modules at work"),
            "exp H",
            translate(
                "RoutingNumbers",
                "So many equally busy modules would do the same. Near {experts}, the number of modules, is best; near 1 a single one has taken over.",
            ).format(experts=experts),
            load.of(utilisation.effective_experts, lambda value: f"{value:.1f}"),
        ),
    )


def _extremes(load: _Load) -> tuple[Measure, ...]:
    translate = QCoreApplication.translate
    return (
        Measure(
            translate("RoutingNumbers", "Busiest module"),
            "MaxVio",
            translate(
                "RoutingNumbers",
                "How far the busiest module lies above its even share. 0 % is best; +100 % is twice its share.",
            ),
            load.of(utilisation.max_violation, lambda value: f"+{100 * value:.0f} %"),
        ),
        Measure(
            translate("RoutingNumbers", "Quietest module"),
            "MinVio",
            translate(
                "RoutingNumbers",
                "How far the quietest module lies below its even share. 0 % is best; −100 %: nothing goes to it.",
            ),
            load.of(utilisation.min_violation, lambda value: f"{_MINUS if value >= 0.005 else ''}{100 * value:.0f} %"),
        ),
        Measure(
            translate("RoutingNumbers", "Usual deviation"),
            "CV",
            translate(
                "RoutingNumbers",
                "How far modules usually lie from their even share, as a part of it. 0.00 is best; 1.00 and more is lopsided.",
            ),
            load.of(utilisation.variation, _plain),
        ),
        Measure(
            translate("RoutingNumbers", "Inequality"),
            "Gini",
            translate("RoutingNumbers", "0.00: all do the same; near 1.00: few modules do nearly everything."),
            load.of(utilisation.gini, _plain),
        ),
    )


def _idle(check: Snapshot | None, layer: int, columns: int) -> Measure:
    translate = QCoreApplication.translate
    value = UNKNOWN
    if check is not None and check.of(None)[layer].sum():
        value = str(sum(1 for at, _ in utilisation.dead(check.of(None)) if at == layer))
    return Measure(
        translate("RoutingNumbers", "Idle modules"),
        "f < 0.1/E",
        translate(
            "RoutingNumbers",
            "Modules that did less than a tenth of their even share over all check cases. 0 is best: an idle module costs memory and learns nothing.",
        ),
        (value, *[""] * (columns - 1)),
    )


def _sureness(shown: Snapshot, layer: int) -> tuple[Measure, ...]:
    gate, translate = shown.gate, QCoreApplication.translate
    if gate is None:
        return ()

    def means(sums_LM: Shares, text: Callable[[float], str]) -> tuple[str, ...]:
        return _per_token(sums_LM[layer], gate.tokens_M, text)

    found = [
        Measure(
            translate("RoutingNumbers", "First choice"),
            "max p",
            translate(
                "RoutingNumbers",
                "Mean chance of the module a piece likes best; {even} % would be a toss-up. Low is no fault while the work is spread evenly.",
            ).format(even=f"{100 / shown.experts:.3g}"),
            means(gate.top_LM, _percent),
        )
    ]
    if gate.entropy_LM is not None:
        meaning = translate(
            "RoutingNumbers",
            "0.00: every piece knows its module; 1.00: all modules look alike to it. It usually falls while training goes on.",
        )
        values = means(gate.entropy_LM, _plain)
        found.append(Measure(translate("RoutingNumbers", "Indecision"), "H(p)/ln E", meaning, values))
    if gate.margin_LM is not None:
        meaning = translate(
            "RoutingNumbers",
            "How far the last module that gets a piece lies ahead of the first that does not. Near 0 % a small change turns the choice.",
        )
        name = translate("RoutingNumbers", "Lead over next")
        found.append(Measure(name, "margin", meaning, means(gate.margin_LM, _tenths)))
    return tuple(found)


def _inputs(shown: Snapshot, layer: int) -> tuple[Measure, ...]:
    translate = QCoreApplication.translate
    counts_EM = shown.counts_LEM[layer]
    gate = shown.gate
    pieces_M = counts_EM.sum(axis=0) if gate is None else gate.tokens_M
    found = _amounts(shown, layer)
    total = int(pieces_M.sum())
    found.append(
        Measure(
            translate("RoutingNumbers", "Share of pieces"),
            "π",
            translate(
                "RoutingNumbers",
                "How much of all there is to do comes from each kind of input. It is a fact of the cases, neither good nor bad; what follows moves with it.",
            ),
            ("", *(_percent(int(pieces) / total) if total else UNKNOWN for pieces in pieces_M)),
        )
    )
    split = float(utilisation.specialisation(shown.counts_LEM[layer : layer + 1])[0])
    found.append(
        Measure(
            translate("RoutingNumbers", "Split by input"),
            "NMI",
            translate(
                "RoutingNumbers",
                "0.00: modules do not mind which kind of input they get; 1.00: one follows from the other. It moves with the shares (π), so compare runs with the same ones only.",
            ),
            (UNKNOWN if math.isnan(split) else _plain(split), *[""] * len(shown.modalities)),
        )
    )
    lifts = [utilisation.lift(shown.counts_LEM[layer : layer + 1], m)[0] for m in range(len(shown.modalities))]
    best = [
        f"{float(lift_E.max()):.1f}×" if counts_EM[:, m].sum() and shown.experts > 1 else UNKNOWN
        for m, lift_E in enumerate(lifts)
    ]
    found.append(
        Measure(
            translate("RoutingNumbers", "Preference"),
            "max lift",
            translate(
                "RoutingNumbers",
                "How many times its usual share the module takes that this kind of input prefers. 1.0×: no preference; the map above shows which one it is.",
            ),
            ("", *best),
        )
    )
    return tuple(found)


def _amounts(shown: Snapshot, layer: int) -> list[Measure]:
    gate, translate = shown.gate, QCoreApplication.translate
    if gate is None:
        return []
    tokens = [int(gate.tokens_M.sum()), *(int(each) for each in gate.tokens_M)]
    counted = [int(shown.counts_LEM[layer].sum()), *(int(each) for each in shown.counts_LEM[layer].sum(axis=0))]
    each = tuple(f"{n / of:.2f}" if of else UNKNOWN for n, of in zip(counted, tokens, strict=True))
    found = [
        Measure(
            translate("RoutingNumbers", "Pieces"),
            "N",
            translate("RoutingNumbers", "The pieces of input that the numbers are made of: with few, they jump about."),
            tuple(QLocale().toString(count) for count in tokens),
        ),
        Measure(
            translate("RoutingNumbers", "Modules per piece"),
            "Σn/N",
            translate("RoutingNumbers", "So many modules work on a piece: more cost time, fewer know less of it."),
            each,
        ),
    ]
    if gate.unserved_LM.sum():
        meaning = translate(
            "RoutingNumbers", "Pieces that no module worked on. 0 % is best: nothing is learned from them here."
        )
        values = _per_token(gate.unserved_LM[layer].astype(np.float64), gate.tokens_M, _tenths)
        found.append(Measure(translate("RoutingNumbers", "Without a module"), "dropped", meaning, values))
    return found


def _changes(check: Snapshot | None, layer: int) -> tuple[Measure, ...]:
    if check is None or check.gate is None:
        return ()
    translate = QCoreApplication.translate
    values: Sequence[str] = [UNKNOWN] * (1 + len(check.modalities))
    if check.changed_LM is not None:
        values = _per_token(check.changed_LM[layer].astype(np.float64), check.gate.tokens_M, _tenths)
    meaning = translate(
        "RoutingNumbers",
        "Check pieces whose first module is another one than at the checkpoint before. It falls towards 0 % as the routing settles.",
    )
    return (Measure(translate("RoutingNumbers", "Changed module"), "churn", meaning, tuple(values)),)


def _per_token(sums_M: Shares, tokens_M: Counts, text: Callable[[float], str]) -> tuple[str, ...]:
    """Return the means over all tokens and over those of each modality; what is not a number was measured of no token there."""
    told_M = np.isfinite(sums_M)
    told = (float(sums_M[told_M].sum()), int(tokens_M[told_M].sum()))
    pairs = [told, *zip(sums_M.tolist(), np.where(told_M, tokens_M, 0).tolist(), strict=True)]
    return tuple(text(total / tokens) if tokens else UNKNOWN for total, tokens in pairs)


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _tenths(value: float) -> str:
    return f"{100 * value:.1f} %"
