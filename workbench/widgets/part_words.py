"""The parts of the error in words: what people call each, and what its figure is exactly."""

from typing import Final

from PySide6.QtCore import QCoreApplication

from engine.schema.config import RunConfig

PARTS: Final = (
    "hard",
    "ordinal",
    "distil",
    "hidden",
    "relation_distance",
    "relation_angle",
    "attention",
    "auxiliary",
    "balance",
    "router_z",
    "importance",
    "load",
    "local_entropy",
    "global_entropy",
    "modality_entropy",
    "consistency",
    "contrast",
    "more_not_worse",
)


def part_word(name: str) -> str:
    """Return what people call a part of the error."""
    translate = QCoreApplication.translate
    return {
        "hard": translate("Parts", "answer"),
        "ordinal": translate("Parts", "order of answers"),
        "distil": translate("Parts", "teachers' answers"),
        "hidden": translate("Parts", "teachers' inner view"),
        "auxiliary": translate("Parts", "one input alone"),
        "balance": translate("Parts", "balance of modules"),
        "router_z": translate("Parts", "calm routing"),
        "importance": translate("Parts", "even importance"),
        "load": translate("Parts", "even load"),
        "local_entropy": translate("Parts", "resolute pieces"),
        "global_entropy": translate("Parts", "use of several modules"),
        "modality_entropy": translate("Parts", "modules by kind of input"),
        "consistency": translate("Parts", "agreement of inputs"),
        "relation_distance": translate("Parts", "teachers' distances"),
        "relation_angle": translate("Parts", "teachers' angles"),
        "attention": translate("Parts", "teachers' attention"),
        "contrast": translate("Parts", "inputs find each other"),
        "more_not_worse": translate("Parts", "more is not worse"),
    }.get(name, name.replace("_", " "))


def part_meaning(name: str, config: RunConfig | None = None) -> str:
    """Return what a figure among the parts of the error is exactly, in the run of this configuration; empty where its name says all."""
    translate = QCoreApplication.translate
    even = {
        "balance": translate("Parts", "Switch's balance, before weighting: 1.00 is even, {most} is collapse."),
        "importance": translate("Parts", "Evenness of the weights given (1 + CV²): 1.00 is even, {most} is collapse."),
        "load": translate(
            "Parts",
            "Evenness of the chance to be chosen under fresh noise (1 + CV²): 1.00 is even, {most} is collapse; without noise it stays at 1.00.",
        ),
    }
    if name in even:
        return f"{even[name].format(most=_collapse(name, config))} {_scope(config)}".strip()
    return {
        "router_z": translate("Parts", "Router z-loss: mean square of the logarithm of the gates' sum; small is calm."),
        "local_entropy": translate(
            "Parts",
            "Mean entropy of a piece's choice, in nats: 0.00 is resolute, the logarithm of the number of modules is a toss-up.",
        ),
        "global_entropy": translate(
            "Parts",
            "How much entropy the mean choice of a kind of input lacks for the number of modules it shall use, in nats: at 0.00 it uses as many.",
        ),
        "modality_entropy": translate(
            "Parts",
            "Minus the Jensen-Shannon divergence of the kinds' mean choices, in nats: 0.00 if all use the same modules, −1.10 if three kinds share none.",
        ),
    }.get(name, "")


def _collapse(name: str, config: RunConfig | None) -> str:
    """Return what the evenness of the modules comes to where one of them takes everything."""
    translate = QCoreApplication.translate
    if config is not None and name == "balance" and config.student.router.name == "null-experts":
        return translate("Parts", "the number of modules and null experts together (E + N)")
    if (
        config is not None
        and config.student.router.settings.get("scope") == "disjoint"
        and not config.loss.balance_pooled
    ):
        return translate("Parts", "the number of modules of one kind of input")
    return translate("Parts", "the number of modules")


def _scope(config: RunConfig | None) -> str:
    """Return over what evenness is taken; nothing where that is not known."""
    if config is None:
        return ""
    if config.loss.balance_pooled:
        return QCoreApplication.translate("Parts", "Taken over all pieces together.")
    return QCoreApplication.translate("Parts", "Taken within each kind of input.")
