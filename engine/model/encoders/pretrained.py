"""Items to tokens through a pretrained encoder that is kept inside: its token states, mapped linearly to the width of the council.

What stays as it came is none of the weights here: it is shared, and saved in a folder of its own.
Shapes: N items, L tokens, D width.
"""

from collections.abc import Iterator

from torch import Tensor, nn

from engine.model.tokens import Tokens, all_real
from engine.preprocess.batch import Items
from engine.pretrained.inside import Inside


class PretrainedEncoder(nn.Module):
    """One token for each state of the encoder; `rate` is the learning rate of its own last layers, as a share."""

    def __init__(self, inside: Inside, width: int, dropout: float, rate: float) -> None:
        super().__init__()
        self.inside, self.rate = inside, rate
        self.tuned = nn.ModuleList(inside.tuned()).requires_grad_(True)
        self.map = nn.Linear(inside.told.width, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, items: Items) -> Tokens:
        """Return the tokens of every item and which of them are real."""
        states_NLD, mask_NL = self.inside.states(items, self.map.weight.device)
        return Tokens(self.norm(self.map(self.dropout(states_NLD))), mask_NL, items.owner_N, whole=all_real(mask_NL))

    def kept(self) -> Iterator[Tensor]:
        """Yield the weights and buffers of the encoder that are shared, and so not among the parameters here."""
        own = {id(tensor) for tensor in (*self.tuned.parameters(), *self.tuned.buffers())}
        model = self.inside.encoder.model
        yield from (tensor for tensor in (*model.parameters(), *model.buffers()) if id(tensor) not in own)


def kept_inside(module: nn.Module) -> list[Tensor]:
    """Return the shared weights and buffers of all encoders that are kept inside a module."""
    found = (one for one in module.modules() if isinstance(one, PretrainedEncoder))
    return [tensor for one in found for tensor in one.kept()]


def tuned_rates(module: nn.Module) -> dict[str, float]:
    """Return by the beginning of their names which parameters learn at a share of the learning rate, and at which."""
    found = ((name, one) for name, one in module.named_modules() if isinstance(one, PretrainedEncoder))
    return {f"{name}.tuned.": one.rate for name, one in found}
