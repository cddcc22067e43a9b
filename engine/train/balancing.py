"""What keeps the experts busy, as pure functions of a layer's routing: each is a mean, within each kind of input or over all of them.

Even load forbids an expert that serves a rare modality alone. Over all tokens: where sounds are a tenth of them, an expert of sounds
alone can hold a tenth of the load at most, and of eight experts an eighth is asked. Within each modality all the more: every
kind of input is to be spread over all experts. Only `global_entropy`, which asks of each modality no more than that it uses some
experts, leaves such an expert in peace.

Shapes: T routed tokens, E experts, N null experts, M modalities, R scopes (each modality, or 1 for all tokens together).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.trunk.routers.base import Routing
from engine.model.trunk.routers.gate import OUT_OF_REACH

_TINY = 1e-9


def balance(routing: Routing, modality_T: Tensor, modalities: int, pooled: bool = False) -> Tensor:
    """(1/R) sum_r E sum_e f_{e|r} P_{e|r}: Switch's balance (arXiv:2101.03961 eq. 4) in DeepSeek's top-K form.

    f_{e|r} = n_{e|r} / sum_e n_{e|r} from the routing that was executed, P_{e|r} the mean of softmax(h_t) over the tokens of r. It
    is normalised: 1 is balanced, E is collapse, E the experts that are within reach. Only P carries a gradient. Null experts count as experts, each with an even part of
    the places that they took together, as nobody knows which of them took one (AdaMoE, arXiv:2406.13233).
    """
    member_TR = _members(routing, modality_T, modalities, pooled)
    logits_TX, chosen_TX = routing.logits_TE.float(), routing.chosen_TE.float()
    if routing.null_TN is not None:
        empty_T1 = (routing.experts_TK == routing.logits_TE.shape[1]).sum(1, keepdim=True).float()
        nulls = routing.null_TN.shape[1]
        logits_TX = torch.cat([logits_TX, routing.null_TN.float()], 1)
        chosen_TX = torch.cat([chosen_TX, (empty_T1 / nulls).expand(-1, nulls)], 1)
    taken_RX = member_TR.t() @ chosen_TX
    share_RX = taken_RX / taken_RX.sum(1, keepdim=True).clamp(min=_TINY)
    mean_RX = _means(logits_TX.softmax(1), member_TR)
    value_R = _reach(logits_TX, member_TR) * (share_RX.detach() * mean_RX).sum(1)
    return _over_scopes(value_R, member_TR)


def router_z(routing: Routing) -> Tensor:
    """mean_t (logsumexp_e h_te)^2 (ST-MoE, arXiv:2202.08906): keeps the router's logits small and its float32 softmax exact.

    Over all tokens, by definition: it compares no token with another, so there is no load of a modality to even out. A mean within
    each modality first would only weigh tokens of a rare one more, though a logit that grows too large harms the same in all.
    """
    logits_TE = routing.logits_TE
    return logits_TE.float().logsumexp(1).square().mean() if len(logits_TE) else logits_TE.sum()


def importance(routing: Routing, modality_T: Tensor, modalities: int, pooled: bool = False) -> Tensor:
    """(1/R) sum_r (1 + CV(I_r)^2), I_e = sum_t G(t)_e the weights that were given (arXiv:1701.06538): 1 is balanced, E is collapse."""
    tokens, experts = routing.logits_TE.shape
    room_TE1 = routing.weights_TK.new_zeros(tokens, experts + 1)
    given_TE = room_TE1.scatter(1, routing.experts_TK, routing.weights_TK)[:, :experts]
    return _evenness(given_TE, routing, _members(routing, modality_T, modalities, pooled))


def load(routing: Routing, modality_T: Tensor, modalities: int, pooled: bool = False) -> Tensor:
    """(1/R) sum_r (1 + CV(L_r)^2), L_e = sum_t Pr(t, e) the chance to be chosen under fresh noise (arXiv:1701.06538).

    1 is balanced, E is collapse. Without noise nothing is left to chance, and the loss is 1 without a gradient.
    """
    if routing.chance_TE is None:
        return routing.logits_TE.sum() * 0.0 + 1.0
    return _evenness(routing.chance_TE, routing, _members(routing, modality_T, modalities, pooled))


def local_entropy(routing: Routing, modality_T: Tensor, modalities: int) -> Tensor:
    """(1/M') sum_m mean_{t in m} H(p_t), in nats (LIMoE, arXiv:2206.02770): small where every token knows whom it wants."""
    member_TM = _members(routing, modality_T, modalities, False)
    entropy_T1 = _entropy(routing.logits_TE.float().softmax(1))[:, None]
    return _over_scopes(_means(entropy_T1, member_TM).squeeze(1), member_TM)


def global_entropy(routing: Routing, modality_T: Tensor, modalities: int, least: float) -> Tensor:
    """(1/M') sum_m max(0, log S - H(mean_{t in m} p_t)), S = `least` (LIMoE, arXiv:2206.02770).

    0 where each modality uses at least S experts, as much as if evenly; beyond that nothing is asked of it.
    """
    member_TM = _members(routing, modality_T, modalities, False)
    logits_TE = routing.logits_TE.float()
    mean_ME = _means(logits_TE.softmax(1), member_TM)
    wanted_M = _reach(logits_TE, member_TM).clamp(1, least).log()
    return _over_scopes((wanted_M - _entropy(mean_ME)).clamp(min=0), member_TM)


def modality_entropy(routing: Routing, modality_T: Tensor, modalities: int) -> Tensor:
    """(1/M') sum_m H(p_m) - H((1/M') sum_m p_m), p_m = mean_{t in m} p_t (FuseMoE, arXiv:2402.03226 eq. 3).

    Minus the Jensen-Shannon divergence of the modalities' routing: 0 where all use the same experts, -log M' where none is shared.
    Within a modality it asks for the opposite of `global_entropy`.
    """
    member_TM = _members(routing, modality_T, modalities, False)
    there_M = member_TM.sum(0) > 0
    mean_ME = _means(routing.logits_TE.float().softmax(1), member_TM)
    mixed_E = (mean_ME * there_M[:, None]).sum(0) / there_M.sum().clamp(min=1)
    return _over_scopes(_entropy(mean_ME), member_TM) - _entropy(mixed_E)


def _members(routing: Routing, modality_T: Tensor, modalities: int, pooled: bool) -> Tensor:
    """Return which tokens belong to which scope, (T, R)."""
    if pooled:
        return torch.ones(len(modality_T), 1, device=modality_T.device)
    return F.one_hot(modality_T, modalities).to(routing.logits_TE.device, torch.float32)


def _means(values_TX: Tensor, member_TR: Tensor) -> Tensor:
    """Return the mean over the tokens of each scope; 0 where it has none."""
    return member_TR.t() @ values_TX / member_TR.sum(0).clamp(min=1)[:, None]


def _reach(logits_TX: Tensor, member_TR: Tensor) -> Tensor:
    """Return how many experts any token of each scope may go to, whatever it thinks of them: a chance may round to 0."""
    open_TX = (logits_TX != OUT_OF_REACH) & (logits_TX > -torch.inf)
    return (member_TR.t() @ open_TX.to(member_TR.dtype) > 0).sum(1)


def _evenness(values_TE: Tensor, routing: Routing, member_TR: Tensor) -> Tensor:
    """Return 1 + CV^2 = E sum_e s_e^2 over the shares s of the experts within reach, mean over the scopes."""
    reach_R = _reach(routing.logits_TE.float(), member_TR)
    sums_RE = member_TR.t() @ values_TE.float()
    share_RE = sums_RE / sums_RE.sum(1, keepdim=True).clamp(min=_TINY)
    return _over_scopes(reach_R * share_RE.square().sum(1), member_TR)


def _over_scopes(value_R: Tensor, member_TR: Tensor) -> Tensor:
    """Return the mean over the scopes that have tokens."""
    there_R = (member_TR.sum(0) > 0).to(value_R.dtype)
    return (value_R * there_R).sum() / there_R.sum().clamp(min=1)


def _entropy(p: Tensor) -> Tensor:
    """Return H(p) over the last axis, in nats; its gradient is finite where p is 0."""
    return -(p * p.clamp(min=_TINY).log()).sum(-1)
