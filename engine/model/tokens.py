"""Tokens on their way from the encoders to the trunk: per modality first, then one stream of all real tokens of the batch.

Padding ends here: the stream holds real tokens only, so nothing of an absent modality can be attended to, routed or counted.
Shapes: B cases, N items, L tokens, T real tokens of the batch, D width, M modalities.
"""

import dataclasses
import functools
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.schema.base import MODALITIES

_LEAST = -1e4
"""Score of what is not there: e to it is 0 in every float format."""
NOTHING = -1
"""Stands for a modality where there is no token."""


@dataclasses.dataclass(frozen=True)
class Tokens:
    """What an encoder makes of the items of one modality; `owner_N` says whose each item is.

    `features` is what the tokens were made of, where its places can be told: (N, C, G, G) of pictures, (N, C, T) of sounds. `whole`:
    known to have no token behind the end of an item, so that nobody needs to look for one.
    """

    tokens_NLD: Tensor
    mask_NL: Tensor
    owner_N: Tensor
    features: Tensor | None = None
    whole: bool = False


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where each token of the stream comes from; tokens of one case lie together, in the order of the modalities.

    item_T counts the items of a modality over the batch, place_T the tokens of an item. slot_T is where a token lies when all cases lie
    side by side, each as long as the longest; kind_BL is the modality of what lies there, `NOTHING` behind the last token.
    """

    owner_T: Tensor
    modality_T: Tensor
    item_T: Tensor
    place_T: Tensor
    slot_T: Tensor
    kind_BL: Tensor

    @property
    def mask_BL(self) -> Tensor:
        """Where `pad` puts a token."""
        return self.kind_BL != NOTHING

    @property
    def is_full(self) -> bool:
        """Whether no case is shorter than the longest: the stream lies case by case already."""
        return len(self.slot_T) == self.kind_BL.numel()

    def pad(self, x_TX: Tensor) -> Tensor:
        """Return the stream case by case, (B, longest, X), zeros behind the last token."""
        cases, longest = self.kind_BL.shape
        if self.is_full:
            return x_TX.reshape(cases, longest, x_TX.shape[1])
        x_SX = x_TX.new_zeros(cases * longest, x_TX.shape[1]).index_copy_(0, self.slot_T, x_TX)
        return x_SX.view(cases, longest, x_TX.shape[1])

    def unpad(self, x_BLX: Tensor) -> Tensor:
        """Return the stream that `pad` laid out."""
        x_SX = x_BLX.flatten(0, 1)
        return x_SX if self.is_full else x_SX.index_select(0, self.slot_T)

    def pooled_BMD(self, x_TD: Tensor, query_MD: Tensor) -> Tensor:
        """Return the mean token of each modality of each case, weighted by softmax(q_m . x) over its tokens; zeros without any."""
        x_BLD, other_BLM = self.pad(x_TD), self._other_BLM
        score_BLM = x_BLD.float() @ query_MD.float().t()
        # Finite, because a softmax over nothing but -inf is not a number; what it gives there is cleared.
        weight_BLM = score_BLM.masked_fill(other_BLM, _LEAST).softmax(1).masked_fill(other_BLM, 0)
        # A product instead of a scattered sum: the same bits in every run, also on a GPU.
        return weight_BLM.to(x_TD.dtype).transpose(1, 2) @ x_BLD

    def mean_BMD(self, x_TD: Tensor) -> Tensor:
        """Return the mean token of each modality of each case; zeros without any."""
        there_BLM = (~self._other_BLM).to(x_TD.dtype)
        return there_BLM.transpose(1, 2) @ self.pad(x_TD) / there_BLM.sum(1).clamp(min=1)[..., None]

    @functools.cached_property
    def _other_BLM(self) -> Tensor:
        """Where no token of a modality lies: another one's, or none."""
        return self.kind_BL[..., None] != torch.arange(len(MODALITIES), device=self.kind_BL.device)


def join(tokens: Sequence[Tokens], cases: int) -> tuple[Tensor, Layout]:
    """Return the stream x_TD of all real tokens and its layout; `tokens` in the order of the modalities."""
    if cases == 1 and all(found.whole for found in tokens) and any(found.mask_NL.numel() for found in tokens):
        return _joined_whole(tokens)
    parts = [_flatten(found, m) for m, found in enumerate(tokens)]
    x_TD = torch.cat([part[0] for part in parts])
    owner_T, modality_T, item_T, place_T = (torch.cat([part[i] for part in parts]) for i in range(1, 5))
    if cases == 1 and len(x_TD):  # all of them lie where they belong
        slot_T = torch.arange(len(x_TD), device=x_TD.device)
        return x_TD, Layout(owner_T, modality_T, item_T, place_T, slot_T, modality_T[None])
    order_T = owner_T.argsort(stable=True)
    counts_B = owner_T.bincount(minlength=cases)
    before_B = counts_B.cumsum(0) - counts_B
    owner_T, modality_T = owner_T[order_T], modality_T[order_T]
    longest = max(1, int(counts_B.max())) if cases else 1
    slot_T = (
        torch.arange(len(owner_T), device=x_TD.device)
        + (longest * torch.arange(cases, device=x_TD.device) - before_B)[owner_T]
    )
    kind_BL = modality_T.new_full((cases * longest,), NOTHING).index_copy_(0, slot_T, modality_T).view(cases, longest)
    layout = Layout(owner_T, modality_T, item_T[order_T], place_T[order_T], slot_T, kind_BL)
    return x_TD.index_select(0, order_T), layout


def _joined_whole(tokens: Sequence[Tokens]) -> tuple[Tensor, Layout]:
    """Return the stream of one case that has nothing but real tokens: they lie where they belong, and nothing has to be looked for."""
    x_TD = torch.cat([found.tokens_NLD.flatten(0, 1) for found in tokens])
    shapes = [found.mask_NL.shape for found in tokens]
    told = [
        (m, item, place) for m, (items, long) in enumerate(shapes) for item in range(items) for place in range(long)
    ]
    modality_T, item_T, place_T = torch.tensor(told, device=x_TD.device).unbind(1)
    slot_T = torch.arange(len(x_TD), device=x_TD.device)
    return x_TD, Layout(torch.zeros_like(slot_T), modality_T, item_T, place_T, slot_T, modality_T[None])


def all_real(mask_NL: Tensor) -> bool:
    """Whether a CPU sees that nothing lies behind the end of an item; a GPU is not asked, as its answer would be waited for."""
    return mask_NL.device.type == "cpu" and bool(mask_NL.all())


def _flatten(found: Tokens, modality: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the real tokens of one modality with owner, modality, item and place."""
    item_T, place_T = found.mask_NL.nonzero(as_tuple=True)
    x_TD = found.tokens_NLD[item_T, place_T]
    return x_TD, found.owner_N[item_T], torch.full_like(item_T, modality), item_T, place_T
