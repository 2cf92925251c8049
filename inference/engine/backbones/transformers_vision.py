"""Vision transformers of pictures, run by the transformers library: DINOv2, DINOv3, CLIP, SigLIP.

Oquab et al. 2024, "DINOv2: Learning Robust Visual Features without Supervision" (arXiv:2304.07193);
Darcet et al. 2024, "Vision Transformers Need Registers" (arXiv:2309.16588); Siméoni et al. 2025, "DINOv3"
(arXiv:2508.10104); Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
Supervision" (arXiv:2103.00020); Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training"
(arXiv:2303.15343); Tschannen et al. 2025, "SigLIP 2" (arXiv:2502.14786).

The library knows the published files' names. It gets tensors that were read here and a configuration made
of the card, so that it neither looks for files nor asks a server, and runs no code of a repository.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils.logging import disable_progress_bar

from ...cards import Card
from ...errors import ModelCorrupt
from ..parts.patch_encoder import Inputs, TokenNetwork
from ..parts.patches import cut_patches
from ..parts.pictures import PictureEncoder

_PLAIN_ATTENTION = "sdpa"


@dataclass(frozen=True)
class _Kind:
    """One of the library's models.

    Attributes:
        name: what its classes' names start with.
        trunk: its attribute that holds the layers.
        tables: whether its table of positions is brought to other sizes only on request.
        first: tokens before those of registers and patches.
    """

    name: str
    trunk: str = "encoder"
    tables: bool = False
    first: int = 1


# By the name that the library has for a configuration, ``model_type``.
_KINDS = {
    "dinov2": _Kind("Dinov2"),
    "dinov2_with_registers": _Kind("Dinov2WithRegisters"),
    "dinov3_vit": _Kind("DINOv3ViT", trunk="model"),
    "clip_vision_model": _Kind("CLIPVision", tables=True),
    "siglip_vision_model": _Kind("SiglipVision", tables=True, first=0),
}
# Published files of CLIP and SigLIP hold the encoder of texts, too, and what both end in.
_NOT_VISION = ("text_model.", "text_projection.", "visual_projection.", "logit_", "vision_model.head.")
# Counted from 0, which older files hold and the library makes itself.
_COUNTED = ".position_ids"


class _Trunk(nn.Module):
    """A model's layers, which may compute in another number format than what surrounds them."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, *values: Any, **named: Any) -> BaseModelOutput:
        dtype = next(self.layers.parameters()).dtype
        named = {name: _as(value, dtype) for name, value in named.items()}
        found = self.layers(*(_as(value, dtype) for value in values), **named)
        return BaseModelOutput(last_hidden_state=found.last_hidden_state.float())


def _as(value: Any, dtype: torch.dtype) -> Any:
    """Floating point tensors, also those in a tuple, in a number format."""
    if isinstance(value, tuple):
        return tuple(_as(part, dtype) for part in value)
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() else value


class _PatchProjection(nn.Module):
    """What a convolution of patches does, with its parameters.

    A convolution's answer for a batch of one differs in the last bits from that for more.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.weight = convolution.weight
        self.bias = convolution.bias
        self.side = convolution.kernel_size[0]

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, rows, cols) in pixels to (batch, dim, rows, cols) in patches."""
        rows, cols = (side // self.side for side in images.shape[2:])
        found = F.linear(cut_patches(images, self.side), self.weight.flatten(1), self.bias)
        return found.transpose(1, 2).reshape(len(images), -1, rows, cols)


class VisionNetwork(TokenNetwork):
    """A model of the library, its patch tokens alone.

    Args:
        model: of the library, with its weights.
        kind: which of them.
    """

    def __init__(self, model: Any, kind: _Kind) -> None:
        super().__init__()
        self.dim = model.config.hidden_size
        self._patch = model.config.patch_size
        self._first = kind.first + getattr(model.config, "num_register_tokens", 0)
        self._options: dict[str, Any] = {"interpolate_pos_encoding": True} if kind.tables else {}
        for part in list(model.modules()):
            for name, child in list(part.named_children()):
                if isinstance(child, nn.Conv2d):
                    setattr(part, name, _PatchProjection(child))
        setattr(model, kind.trunk, _Trunk(getattr(model, kind.trunk)))
        self._trunk = kind.trunk
        self.model = model

    def trunk(self) -> Sequence[nn.Module]:
        return (self.model.get_submodule(self._trunk),)

    def forward(self, images: Tensor, seen: Tensor | None = None) -> Tensor:
        """Encode pictures.

        Args:
            images: (batch, 3, rows, cols), standardised, sides multiples of the patch's.
            seen: (batch, patches), False for those to leave out of attention.

        Returns:
            (batch, patches, dim), patches row by row.
        """
        count = (images.shape[2] // self._patch) * (images.shape[3] // self._patch)
        options = dict(self._options)
        if seen is not None:
            # The class token and the registers are always seen.
            mask = F.pad(seen, (self._first, 0), value=True)
            options["attention_mask"] = mask[:, None, None].expand(-1, -1, self._first + count, -1)
        tokens: Tensor = self.model(pixel_values=images, **options).last_hidden_state
        return tokens[:, -count:]


class TransformersVision(PictureEncoder):
    """A vision transformer of the library over pictures; class token and registers are left out.

    Its windows are those of the card: rotary positions serve any size, tables are interpolated.
    """

    @classmethod
    def build(cls, card: Card) -> VisionNetwork:
        kind, config = _configured(card)
        return VisionNetwork(_class_of(kind)(config), kind)

    @classmethod
    def filled(cls, card: Card, tensors: Mapping[str, Tensor]) -> VisionNetwork:
        kind, config = _configured(card)
        wanted = {
            name: value
            for name, value in tensors.items()
            if not name.startswith(_NOT_VISION) and not name.endswith(_COUNTED)
        }
        # The engine tells of progress itself.
        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model, report = _class_of(kind).from_pretrained(
                None, config=config, state_dict=wanted, output_loading_info=True, dtype=torch.float32
            )
        # What the library raises for tensors of another shape, and for sizes that fit nothing.
        except (RuntimeError, ValueError, KeyError) as error:
            raise _unfit(card, str(error)) from error
        wrong = {what: sorted(map(str, names)) for what, names in report.items() if names}
        if wrong:
            raise _unfit(card, str(wrong))
        return VisionNetwork(model, kind)

    def tokens(self, inputs: Inputs) -> Tensor:
        picture = self.picture(inputs)
        seen = None if inputs.seen is None else inputs.seen.flatten(1)
        rows, cols = (side // self.stride for side in picture.shape[2:])
        tokens: Tensor = self._network(picture, seen)
        return tokens.transpose(1, 2).reshape(len(tokens), self.dim, rows, cols)


def _unfit(card: Card, detail: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The weights of {card.id} do not fit its architecture.",
        "Check that the card names the right file and sizes.",
        detail,
    )


def _class_of(kind: _Kind) -> Any:
    return getattr(transformers, f"{kind.name}Model")


def _configured(card: Card) -> tuple[_Kind, Any]:
    """The kind of model that a card names in its ``mlm:hyperparameters``, and its configuration.

    Only fields that the kind's own configuration lists are taken: those that all kinds share can name
    code to load, in ``attn_implementation`` for one.

    Raises:
        ModelCorrupt: if the kind is none of those above, or a field is none of its.
    """
    stated = dict(card.raw["properties"].get("mlm:hyperparameters", {}))
    model_type = stated.pop("model_type", None)
    kind = _KINDS.get(model_type) if isinstance(model_type, str) else None
    if kind is None:
        raise ModelCorrupt(
            f"The card of {card.id} names no model_type that this version runs.",
            f"It is one of {', '.join(_KINDS)}, among mlm:hyperparameters.",
        )
    maker = getattr(transformers, f"{kind.name}Config")
    known = {name for name in inspect.get_annotations(maker) if not name.startswith("_")}
    others = sorted(set(stated) - known)
    if others:
        raise ModelCorrupt(
            f"The card of {card.id} states {', '.join(others)}, which {model_type} does not have.",
            "Copy the fields of the published config.json that describe the network.",
        )
    try:
        config = maker(**stated)
    # What the library raises for values that make no network.
    except StrictDataclassError as error:
        raise ModelCorrupt(
            f"The sizes in the card of {card.id} make no {model_type}.", detail=str(error)
        ) from error
    config._attn_implementation = _PLAIN_ATTENTION
    return kind, config


load = TransformersVision.open
