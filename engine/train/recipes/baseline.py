"""`baseline`: the plain classifier that everything else has to beat, as the source article writes it: three encoders, two linear maps.

F = W concat(x_t, x_v, x_s) + b of width 768, y = V F + c, binary cross-entropy, Adam at 1e-4 after 100 steps of warm-up. There is no
trunk and there are no experts, no teachers, no augmentation and no average of weights. Its encoders are those of every student here,
only wider: the article's pretrained ones would have to be downloaded. Calibration, sets and refusal are those of every run.
"""

from engine.schema.config import Choice, LossConfig, OptimConfig, RunConfig, StudentConfig
from engine.train.recipes.base import NoSettings, Recipe, recipes


@recipes.register(
    "baseline",
    NoSettings,
    "Three encoders and two linear maps, no experts: what everything else has to beat.",
    "三个编码器加两层线性变换，没有专家：其他方法都应胜过它。",
)
class Baseline(Recipe):
    """The source's MultiModalModel."""

    title = "Plain baseline"
    title_zh = "基线模型"

    def config(self) -> RunConfig:
        """Return the article's settings."""
        return RunConfig(
            recipe="baseline",
            student=StudentConfig(size="own", width=768, layers=0, fusion=Choice(name="concat"), head="linear"),
            loss=LossConfig(binary=True, distil=0.0, hidden=0.0, auxiliary=0.0, balance=0.0, router_z=0.0),
            optim=OptimConfig(
                epochs=12,
                learning_rate=1e-4,
                weight_decay=0.0,
                warmup_steps=100,
                average=0.0,
                modality_dropout=0.0,
                augment=0.0,
            ),
            folds=2,
        )
