"""What an answer costs, counted; one multiplication and one addition are two operations.

Shapes: D width, H hidden width of an expert, E experts, K experts a token.
"""

from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from engine.model.trunk.routers import routers
from engine.preprocess.batch import Batch
from engine.schema.config import Choice, StudentConfig


def experts_per_token(config: StudentConfig) -> int:
    """Return K."""
    return int(routers[config.router.name].build(8, config.experts, **_router(config)).slots)


def trunk_flops(config: StudentConfig) -> int:
    """Return the operations of all linear maps that one token passes in the trunk.

    A layer: attention's four maps (8 D^2), the router's scores (2 D E), K gated experts of three maps each (6 K D H), and one that
    is shared by all tokens (6 D H'). What
    attention itself costs grows with the length of a case and is the same for every kind of expert, so it is left out.
    """
    width = config.width
    active = experts_per_token(config) * config.hidden + config.shared
    feed = 6 * active * width + 2 * width * config.experts
    return config.layers * (8 * width * width + feed)


def dense_twin(config: StudentConfig) -> StudentConfig:
    """Return the dense student of the same active operations: one network as wide as K experts and what the router costs.

    A layer of it takes 6 D H' + 2 D, so H' = K H + (E - 1) / 3, rounded, and what a shared expert has beside that.
    """
    hidden = experts_per_token(config) * config.hidden + config.shared + round((config.experts - 1) / 3)
    router = Choice(name="token-choice", settings={"experts_per_token": 1})
    return config.model_copy(update={"experts": 1, "hidden": hidden, "shared": 0, "router": router})


@torch.inference_mode()
def forward_flops(student: nn.Module, batch: Batch) -> int:
    """Return the operations of all matrix products, convolutions and attentions of one forward pass, as they are executed."""
    attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    counted = {attention: _attention_flops, torch.ops.aten._grouped_mm: grouped_flops}
    with FlopCounterMode(display=False, custom_mapping=counted) as counter:
        student(batch)
    return int(counter.get_total_flops())


def _attention_flops(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...], *_: Any, **__: Any) -> int:
    """Return the operations of softmax(QK^T)V, which torch's own counter knows on a GPU only."""
    cases, heads, long, width = query
    return 2 * cases * heads * long * key[2] * (width + value[3])


def grouped_flops(one: tuple[int, ...], other: tuple[int, ...], *_: Any, **__: Any) -> int:
    """Return the operations of products by groups, which torch does not count: each row of the first meets one matrix of the other."""
    return 2 * one[0] * one[1] * other[-1]


def _router(config: StudentConfig) -> dict[str, object]:
    return routers.settings(config.router).model_dump()
