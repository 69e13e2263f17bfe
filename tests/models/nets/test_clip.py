"""Open-vocabulary networks of open_clip's own classes, with weights so small, or set by hand so, that the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from rasterscribe.models.nets import clip
from rasterscribe.models.nets.clip_weights import Shape
from rasterscribe.models.nets.dense_attention import GLOBAL_SHARE, dense_features, self_self_attention
from rasterscribe.models.user_models import store
from rasterscribe.models.user_models.imports import import_steps
from rasterscribe.tests.models import clip_files
from rasterscribe.tests.models.open_clip_or_skip import open_clip_or_skip

open_clip = open_clip_or_skip()

RED, BLUE = (255, 0, 0), (0, 0, 255)
PATCH = 8
REDNESS = functional.normalize(torch.tensor([1.0, -1.0] + [0.0] * 62), dim=0).numpy()[None]  # the text that fits red patches


def colour_weights() -> dict[str, torch.Tensor]:
    """A CLIP whose patches say how much redder than blue they are, along one direction, and look at their like alone."""
    weights = {name: torch.zeros(size) for name, size in clip_files.TINY.tensors().items()}
    for name in weights:
        if name.endswith(("ln_1.weight", "ln_2.weight", "ln_pre.weight", "ln_post.weight", "ln_final.weight")):
            weights[name] += 1
    for channel, sign in ((0, 1.0), (1, -1.0)):
        weights["visual.conv1.weight"][channel, 0] = sign
        weights["visual.conv1.weight"][channel, 2] = -sign
    last = "visual.transformer.resblocks.1.attn"
    weights[f"{last}.in_proj_weight"] += torch.eye(64).repeat(3, 1)
    weights[f"{last}.out_proj.weight"] += torch.eye(64)
    weights["visual.proj"] += torch.eye(64)
    return weights


@pytest.fixture(scope="module")
def colour(tmp_path_factory):
    path = clip_files.safetensors(tmp_path_factory.mktemp("clip") / "colour.safetensors", colour_weights())
    return clip.DenseClip(path, "clip-colour", "0" * 64)


@pytest.fixture(scope="module")
def random(tmp_path_factory):
    path = clip_files.safetensors(tmp_path_factory.mktemp("clip") / "random.safetensors", clip_files.tensors())
    return clip.DenseClip(path, "clip-random", "0" * 64)


def picture(height, width, colour=BLUE, **boxes):
    """uint8 (height, width, 3) with boxes (top, left, bottom, right) of red."""
    made = np.full((height, width, 3), colour, np.uint8)
    for top, left, bottom, right in boxes.values():
        made[top:bottom, left:right] = RED
    return made


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("red_columns", "whole"), [(8, -1), (16, 0), (24, 1)])
def test_red_patches_fit_the_text_for_red_less_a_share_of_what_the_whole_picture_says(colour, red_columns, whole):
    """The whole picture says red or blue, whichever there is more of, and nothing where they balance."""
    found = colour.likeness(picture(32, 32, box=(0, 0, 32, red_columns)), REDNESS)[0]
    margin = PATCH // 2  # nearer to the border, neighbouring patches are interpolated
    assert np.allclose(found[:, : red_columns - margin], 1 - GLOBAL_SHARE * whole, atol=0.01)
    assert np.allclose(found[:, red_columns + margin :], -1 - GLOBAL_SHARE * whole, atol=0.01)


@pytest.mark.parametrize(("height", "width", "enlarge"), [(70, 50, 1), (33, 90, 1), (32, 32, 1), (50, 61, 2)])
def test_a_box_is_found_in_views_of_any_size(colour, height, width, enlarge):
    """Sizes are no multiples of patches or crops; a border is known to within a patch."""
    top, left, bottom, right = 5, 11, 29, 27
    found = colour.likeness(picture(height, width, box=(top, left, bottom, right)), REDNESS, enlarge)
    assert found.shape == (1, height, width) and found.dtype == np.float32
    assert (found[0, top + PATCH : bottom - PATCH, left + PATCH : right - PATCH] > 0).all()
    away = np.ones((height, width), bool)
    away[max(0, top - PATCH) : bottom + PATCH, max(0, left - PATCH) : right + PATCH] = False
    assert (found[0][away] < 0).all()


def test_a_view_smaller_than_a_crop_gets_its_border_repeated(colour):
    found = colour.likeness(picture(10, 12, box=(0, 0, 10, 12)), REDNESS)
    assert found.shape == (1, 10, 12) and np.allclose(found, 1 - GLOBAL_SHARE, atol=0.01)


def test_what_a_pixel_says_depends_on_the_crops_that_hold_it_and_on_no_other(random):
    texts = np.eye(64, dtype=np.float32)[:3]
    view, elsewhere = noise(64, 96), noise(64, 96)
    elsewhere[:, 64:] = 0
    assert not np.array_equal(view[:, 64:], elsewhere[:, 64:])
    here, there = random.likeness(view, texts), random.likeness(elsewhere, texts)
    assert np.allclose(here[..., :48], there[..., :48], atol=1e-5)  # crops are 32 wide and begin every 16: that at 48 sees past 64
    assert not np.allclose(here[..., 64:], there[..., 64:], atol=1e-3)


def test_a_crop_in_the_middle_is_seen_as_if_it_were_alone(random):
    """Where one crop counts fully its answer stands: the last column before the next crop begins."""
    texts, view = np.eye(64, dtype=np.float32)[:3], noise(32, 64)
    assert np.allclose(random.likeness(view, texts)[..., 0], random.likeness(view[:, :32], texts)[..., 0], atol=1e-5)


@pytest.mark.parametrize("crop", [24, 48])
def test_crops_of_another_size_get_interpolated_positions(tmp_path, crop, colour):
    path = clip_files.safetensors(tmp_path / "colour.safetensors", colour_weights())
    other = clip.DenseClip(path, "clip-colour", "0" * 64, crop=crop)
    assert other.net.visual.positional_embedding.shape[0] == (crop // PATCH) ** 2 + 1
    view = picture(48, 48, box=(0, 0, 48, 48))
    assert np.allclose(other.likeness(view, REDNESS), colour.likeness(view, REDNESS), atol=0.01)


def test_only_whole_patches_make_a_crop(tmp_path):
    path = clip_files.safetensors(tmp_path / "colour.safetensors", colour_weights())
    with pytest.raises(clip.ModelForeign, match="not whole patches"):
        clip.DenseClip(path, "clip-colour", "0" * 64, crop=20)


def test_of_the_global_token_a_share_is_taken_off_every_patch(random):
    pictures = torch.randn(2, 3, 32, 32)
    none, half, whole = (dense_features(random.net.visual, pictures, share) for share in (0.0, 0.5, 1.0))
    assert none.shape == (2, 64, 4, 4)
    assert torch.allclose(none.norm(dim=1), torch.ones(2, 4, 4), atol=1e-5)
    assert torch.allclose(none - whole, 2 * (none - half), atol=1e-5)
    assert torch.allclose((none - whole).flatten(2).std(2), torch.zeros(2, 64), atol=1e-5)  # the same everywhere


def test_tokens_attend_to_their_like_in_queries_keys_and_values():
    attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    tokens = torch.randn(3, 5, 8)
    q, k, v = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias).chunk(3, -1)
    heads = []
    for part in (slice(0, 4), slice(4, 8)):
        weights = sum(torch.softmax(one[..., part] @ one[..., part].transpose(1, 2) / 2, -1) for one in (q, k, v))
        heads.append(weights @ v[..., part])
    wanted = attention.out_proj(torch.cat(heads, -1))
    assert torch.allclose(self_self_attention(attention, tokens), wanted, atol=1e-5)


def test_a_whole_picture_is_embedded_as_open_clip_does_it(random):
    view = noise(32, 32)
    mean, spread = (torch.tensor(one).view(3, 1, 1) for one in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD))
    pixels = ((torch.from_numpy(view).permute(2, 0, 1) / 255 - mean) / spread)[None]
    with torch.inference_mode():
        wanted = random.net.encode_image(pixels, normalize=True).numpy()
    assert np.allclose(random.embed_images(view[None]), wanted, atol=1e-5)
    assert random.embed_images(noise(50, 50)[None]).shape == (1, 64)
    assert random.embed_images(np.zeros((0, 32, 32, 3), np.uint8)).shape == (0, 64)


def test_pictures_do_not_depend_on_those_beside_them(random):
    views = np.stack([noise(32, 32, seed) for seed in range(clip.PICTURES + 2)])
    assert np.allclose(random.embed_images(views)[-1], random.embed_images(views[-1:])[0], atol=1e-5)


def test_a_text_is_the_mean_of_its_templates_as_open_clip_reads_them(random):
    whole = open_clip.CLIP(
        64,
        open_clip.CLIPVisionCfg(layers=2, width=64, patch_size=PATCH, image_size=32),
        open_clip.CLIPTextCfg(context_length=77, width=64, heads=1, layers=1),
    ).eval()
    whole.load_state_dict(clip_files.tensors())  # it reads more tokens, which changes nothing for a text this short
    with torch.inference_mode():
        each = whole.encode_text(open_clip.SimpleTokenizer()(["a red roof", "a picture of a red roof"]), normalize=True)
    wanted = functional.normalize(each.mean(0), dim=0).numpy()
    found = random.embed_texts(["red roof", "pond"], ("a {}", "a picture of a {}"))
    assert found.shape == (2, 64) and np.allclose(found[0], wanted, atol=1e-5)
    assert np.allclose(np.linalg.norm(random.embed_texts(["x " * 200]), axis=1), 1, atol=1e-5)  # longer than it reads


@pytest.mark.parametrize("name", ["ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336", "ViT-H-14"])
def test_the_shapes_of_real_models_are_those_that_open_clip_builds(name):
    config = open_clip.get_model_config(name)
    pictures, texts = config["vision_cfg"], config["text_cfg"]
    shape = Shape(
        embedding=config["embed_dim"],
        patch=pictures["patch_size"],
        grid=pictures["image_size"] // pictures["patch_size"],
        width=pictures["width"],
        layers=pictures["layers"],
        context=texts["context_length"],
        vocabulary=texts["vocab_size"],
        text_width=texts["width"],
        text_layers=texts["layers"],
    )
    assert shape.name == name
    with torch.device("meta"):
        net = open_clip.CLIP(config["embed_dim"], open_clip.CLIPVisionCfg(**pictures), open_clip.CLIPTextCfg(**texts))
    assert {key: tuple(value.shape) for key, value in net.state_dict().items()} == shape.tensors()


@pytest.mark.parametrize("form", [clip_files.safetensors, clip_files.pickled])
def test_what_open_clip_saved_is_imported_and_loaded_alike(form, tmp_path):
    torch.manual_seed(1)
    pictures = open_clip.CLIPVisionCfg(layers=2, width=64, patch_size=PATCH, image_size=32)
    net = open_clip.CLIP(64, pictures, open_clip.CLIPTextCfg(width=64, heads=1, layers=1), quick_gelu=True).eval()
    path = form(tmp_path / "mine-openai.pt", {name: value.half().contiguous() for name, value in net.half().state_dict().items()})
    for _ in import_steps(str(path), folder=tmp_path / "models"):
        pass
    model = clip.load_clip_model("clip-mine-openai", folder=tmp_path / "models")
    assert (model.id, model.digest) == ("clip-mine-openai", store.trusted("", tmp_path / "models").sha256)
    pixels = torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.net.encode_image(pixels), net.float().encode_image(pixels))


def test_the_activation_of_openais_models_is_another(tmp_path):
    path = clip_files.safetensors(tmp_path / "random.safetensors", clip_files.tensors())
    plain, quick = (clip.DenseClip(path, "clip", "", quick_gelu) for quick_gelu in (False, True))
    assert not np.allclose(plain.embed_images(noise(32, 32)[None]), quick.embed_images(noise(32, 32)[None]), atol=1e-4)
