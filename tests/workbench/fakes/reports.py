"""What became of a knowledge file that never was: a rule that holds, one that the data speak against, one with too few cases."""

from engine.schema.knowledge import Told
from engine.schema.knowledge_report import Change, KnowledgeReport, RuleReport, SpecialistReport, Verdict
from tests.workbench.fakes.ledgers import share


def rule(finding: str, verdict: Verdict, strength: float, gap: float) -> RuleReport:
    """Return one rule against the cases."""
    return RuleReport(
        finding=finding, finding_title=Told(en=finding.replace("-", " ").capitalize(), zh="发现"), modality="text",
        label="pneumonia", label_title=Told(en="Pneumonia", zh="肺炎"), strength=strength, share=share(0.2 + max(0.0, gap), 240),
        share_else=share(0.2, 900), gap=Change(value=gap, low=gap - 0.06, high=gap + 0.06), verdict=verdict,
        disagreement=Change(value=-0.08, low=-0.1, high=-0.06),
    )  # fmt: skip


def report() -> KnowledgeReport:
    """Return the report of a model that learned with version 3."""
    specialists = (
        SpecialistReport(
            name="infections", title=Told(en="Infections", zh="感染"), expert=0, cases=410,
            lift=Change(value=2.1, low=1.8, high=2.4), effect=Change(value=0.04, low=0.01, high=0.07),
        ),
        SpecialistReport(
            name="airways", title=Told(en="Airways", zh="气道"), expert=1, cases=122,
            lift=Change(value=0.98, low=0.9, high=1.06), effect=Change(),
        ),
    )  # fmt: skip
    rules = (
        rule("high-fever", "agrees", 0.7, 0.4),
        rule("wheeze", "disagrees", 0.6, -0.15),
        rule("night-sweats", "few", 0.3, 0.0),
    )
    return KnowledgeReport(
        title=Told(en="Respiratory clinic", zh="呼吸门诊"), version=3, alpha=0.62, beta=0.48, descriptions=4, rules=rules,
        specialists=specialists, left_out=("night-cough",),
    )  # fmt: skip
