"""What CLIP's pictures' transformer knows of each patch, though it was trained on whole pictures only.

Its last block gathers everything into the global token, which blurs places. There each token here attends to the tokens that are like
it instead: in queries, in keys and in values (self-self attention: MaskCLIP, https://arxiv.org/abs/2112.01071; SCLIP,
https://arxiv.org/abs/2312.01597), and the block's residual and its feed-forward part are left out (ClearCLIP,
https://arxiv.org/abs/2407.12442). Patches still carry a share of what the whole picture says; as SegEarth-OV does for satellite images
(https://arxiv.org/abs/2410.01768), a part of the global token is taken off.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

GLOBAL_SHARE = 0.3  # of the global token's unit vector: SegEarth-OV's, for every data set of theirs


def dense_features(visual: nn.Module, pictures: Tensor, share: float = GLOBAL_SHARE) -> Tensor:
    """Pictures (n, 3, side, side), normalised, through open_clip's VisionTransformer -> (n, d, side / patch, side / patch).

    A patch's unit vector less `share` times that of the global token, so its product with a text's unit vector is the cosine less
    `share` times the whole picture's.
    """
    blocks = visual.transformer.resblocks
    seen = visual.forward_intermediates(
        pictures,
        indices=[len(blocks) - 2],
        stop_early=True,
        intermediates_only=True,
        output_fmt="NLC",
        output_extra_tokens=True,
    )
    tokens = torch.cat([seen["image_intermediates_prefix"][0], seen["image_intermediates"][0]], 1)
    last = blocks[-1]
    tokens = visual.ln_post(self_self_attention(last.attn, last.ln_1(tokens))) @ visual.proj
    tokens = functional.normalize(tokens, dim=-1)
    patches = tokens[:, 1:] - share * tokens[:, :1]
    side = pictures.shape[-1] // visual.patch_size[0]
    return patches.transpose(1, 2).unflatten(2, (side, side))


def self_self_attention(attention: nn.MultiheadAttention, tokens: Tensor) -> Tensor:
    """Tokens (n, l, c) through an attention's weights, with each token attending to its like: q to q, k to k and v to v, in sum."""
    heads = attention.num_heads
    joint = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in joint.chunk(3, dim=-1))  # each (n, heads, l, c / heads)
    mixed = sum(functional.scaled_dot_product_attention(like, like, v) for like in (q, k, v))
    return attention.out_proj(mixed.transpose(1, 2).flatten(2))
