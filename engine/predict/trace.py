"""Which expert worked on which token, as a message.

Shapes: T tokens, K experts a token, E experts, M modalities.
"""

import torch

from engine.model.pretrained import Council
from engine.model.spans import token_spans
from engine.model.student import Outcome, routing_counts
from engine.preprocess.preparation import PreparedCase
from engine.schema.base import Array
from engine.schema.prediction import RoutingTrace

MOST_CELLS = 16_000
"""Choices (tokens x layers x K) told one by one: 4 bytes each must fit an `Array`. A longer case is told by its counts alone."""


def routing_trace(answer: Outcome, case: PreparedCase, council: Council) -> RoutingTrace:
    """Return the trace of one case that was asked alone."""
    counts_LEM = routing_counts(answer).cpu()
    counts = Array.pack(counts_LEM.flatten().tolist(), tuple(counts_LEM.shape), "int64")
    trace = RoutingTrace(layers=len(answer.routing), num_experts=counts_LEM.shape[1], counts=counts)
    if not answer.routing:
        return trace
    chosen_TLK = torch.stack([routing.experts_TK for routing in answer.routing], dim=1).cpu()
    if not 0 < chosen_TLK.numel() <= MOST_CELLS:
        return trace
    weights_TLK = torch.stack([routing.weights_TK for routing in answer.routing], dim=1).float().cpu()
    shape = tuple(chosen_TLK.shape)
    return trace.model_copy(
        update={
            "spans": token_spans(answer, [case], council.preparation),
            "experts": Array.pack(chosen_TLK.flatten().tolist(), shape, "int32"),
            "weights": Array.pack(weights_TLK.flatten().tolist(), shape, "float32"),
        }
    )
