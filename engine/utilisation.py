"""How the work of the experts is spread, as pure functions of counts (definitions of the project, 9); numpy alone, for engine and window.

Counts n_e are pieces an expert worked on. Functions of `counts_LE` return one value a layer; a layer without any pieces gets 0, and who
shows it says that nothing was counted. An entry of `experts` that is E, the number of experts, stands for nobody and is never counted.
Shapes: L layers, E experts, M modalities, T tokens of the check cases, K experts a token.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
Choices = NDArray[Any]
"""Who works on which token, (layers, tokens, K), best first, in the smallest integers that hold E."""

DEAD_SHARE: Final = 0.1
"""An expert is dead when it does less than this times its even share over a whole check, never over one batch."""


def shares(counts_LE: Counts) -> Shares:
    """Return f_e = n_e / sum n, each expert's share of its layer's pieces."""
    totals_L1 = counts_LE.sum(axis=1, keepdims=True)
    share_LE: Shares = counts_LE / np.maximum(totals_L1, 1)
    return share_LE


def _nats(counts_LE: Counts) -> Shares:
    """Return H(f) = -sum f ln f."""
    share_LE = shares(counts_LE)
    return np.asarray(-(share_LE * np.log(np.where(share_LE > 0, share_LE, 1.0))).sum(axis=1))


def _mean(counts_LE: Counts) -> Shares:
    """Return each layer's mean count, held above 0 so that it can be divided by."""
    return np.asarray(np.maximum(counts_LE.sum(axis=1) / max(1, counts_LE.shape[1]), 1e-12))


def entropy(counts_LE: Counts) -> Shares:
    """Return H(f) / ln E: 1 is even, 0 is one expert doing everything. One expert alone has nobody to share with: 1."""
    counted_L = counts_LE.sum(axis=1) > 0
    experts = counts_LE.shape[1]
    even_L = _nats(counts_LE) / np.log(experts) if experts > 1 else np.ones(len(counts_LE))
    return np.where(counted_L, even_L, 0.0)


def effective_experts(counts_LE: Counts) -> Shares:
    """Return exp(H(f)): how many experts would do as much, each with the same share; from 1 to E."""
    return np.where(counts_LE.sum(axis=1) > 0, np.exp(_nats(counts_LE)), 0.0)


def variation(counts_LE: Counts) -> Shares:
    """Return CV = std(n) / mean(n) with the population's std (arXiv:1701.06538): 0 is even, sqrt(E - 1) is collapse."""
    return np.asarray(counts_LE.std(axis=1) / _mean(counts_LE))


def max_violation(counts_LE: Counts) -> Shares:
    """Return MaxVio = max n / mean n - 1 (arXiv:2408.15664): 0 is even, E - 1 is collapse."""
    return np.where(counts_LE.sum(axis=1) > 0, counts_LE.max(axis=1, initial=0) / _mean(counts_LE) - 1, 0.0)


def min_violation(counts_LE: Counts) -> Shares:
    """Return MinVio = 1 - min n / mean n: 0 is even, 1 is an expert that nothing goes to."""
    return np.where(counts_LE.sum(axis=1) > 0, 1 - counts_LE.min(axis=1) / _mean(counts_LE), 0.0)


def gini(counts_LE: Counts) -> Shares:
    """Return Gini's coefficient, the mean difference of two experts over twice the mean: 0 is even, (E - 1) / E is collapse."""
    experts = counts_LE.shape[1]
    rank_E = 2 * np.arange(1, experts + 1) - experts - 1
    total_L = np.maximum(counts_LE.sum(axis=1), 1)
    return np.asarray((np.sort(counts_LE, axis=1) * rank_E).sum(axis=1) / (experts * total_L))


def dead(counts_LE: Counts) -> tuple[tuple[int, int], ...]:
    """Return the (layer, expert) pairs, counted from 0, with f_e < 0.1 / E; of counts over a whole pass of the check cases."""
    idle_LE = shares(counts_LE) < DEAD_SHARE / counts_LE.shape[1]
    idle_LE &= counts_LE.sum(axis=1, keepdims=True) > 0
    return tuple((int(layer), int(expert)) for layer, expert in np.argwhere(idle_LE))


def lift(counts_LEM: Counts, modality: int | None) -> Shares:
    """Return p(e|m) / p(e), how many times its usual share an expert takes of one modality; of all, how many times the even share."""
    overall_LE = shares(counts_LEM.sum(axis=2))
    if modality is None:
        return np.asarray(overall_LE * counts_LEM.shape[1])
    of_modality_LE = shares(counts_LEM[:, :, modality])
    return np.where(overall_LE > 0, of_modality_LE / np.maximum(overall_LE, 1e-12), 1.0)


def modality_shares(counts_LEM: Counts) -> Shares:
    """Return pi_m, each modality's share of a layer's pieces, (layers, modalities)."""
    return shares(counts_LEM.sum(axis=1))


def specialisation(counts_LEM: Counts) -> Shares:
    """Return NMI = I(M; E) / min(H(M), H(E)): 0, experts do not mind the modality; 1, one follows from the other.

    It moves with pi_m though the router does not, so it is told only next to pi_m. With one modality or one expert at work there is
    nothing to tell: not a number.
    """
    by_modality_L, by_expert_L = _nats(counts_LEM.sum(axis=1)), _nats(counts_LEM.sum(axis=2))
    layers, experts, modalities = counts_LEM.shape
    both_L = _nats(counts_LEM.reshape(layers, experts * modalities))
    bound_L = np.minimum(by_modality_L, by_expert_L)
    mutual_L = np.clip(by_modality_L + by_expert_L - both_L, 0.0, bound_L)
    return np.where(bound_L > 1e-9, mutual_L / np.maximum(bound_L, 1e-9), np.nan)


def changed_first_choices(before_LTK: Choices, now_LTK: Choices) -> NDArray[np.bool_]:
    """Return which tokens' first choice is another one now, (layers, tokens); their share is the churn. Nobody is a choice as well."""
    return np.asarray(before_LTK[:, :, 0] != now_LTK[:, :, 0])


def kept_choices(then_LTK: Choices, final_LTK: Choices, experts: int) -> Shares:
    """Return |TopK_then and TopK_final| / K of each token, (layers, tokens); its mean is the saturation (arXiv:2409.02060).

    K is the larger number of experts that a token had at either time, for some routers leave slots to nobody; a token that nobody took
    both times has kept its choice.
    """
    there_LTK, last_LTK = then_LTK < experts, final_LTK < experts
    same_LTK = np.zeros_like(there_LTK)
    for slot in range(final_LTK.shape[2]):
        same_LTK |= then_LTK == final_LTK[:, :, slot, None]
    most_LT = np.maximum(there_LTK.sum(axis=2), last_LTK.sum(axis=2))
    return np.where(most_LT > 0, (same_LTK & there_LTK).sum(axis=2) / np.maximum(most_LT, 1), 1.0)


def together(choices_LTK: Choices, experts: int) -> NDArray[np.int32]:
    """Return n_ij, the tokens that two experts both worked on, (layers, E, E); the diagonal is n_i."""
    layers, tokens, _ = choices_LTK.shape
    found_LEE = np.zeros((layers, experts, experts), np.int32)
    for layer, choice_TK in enumerate(choices_LTK):
        at_work_TE = np.zeros((tokens, experts + 1), np.float32)
        np.put_along_axis(at_work_TE, choice_TK.astype(np.int64), 1.0, axis=1)
        at_work_TE = at_work_TE[:, :experts]  # the last column is nobody
        found_LEE[layer] = at_work_TE.T @ at_work_TE
    return found_LEE


def coactivation(together_EE: NDArray[np.int32]) -> Shares:
    """Return n_ij / n_i of one layer: of an expert's tokens (rows), how many went to each other one as well; 0 where it had none."""
    own_E1 = np.diagonal(together_EE)[:, None]
    return np.asarray(together_EE / np.maximum(own_E1, 1))
