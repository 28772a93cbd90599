"""The whole model: what Hugging Face's Llama computes, with gradients, in one dtype, in little memory."""

import gc
import math
import platform
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.config import ModelConfig
from labs.core.model.losses import cross_entropy
from labs.core.model.matmul import matmul
from labs.core.model.transformer import Transformer
from tests.labs.core.model.gradient_check import check_gradients, kept_arrays

CONFIG = ModelConfig(vocab_size=7, n_layer=2, n_head=4, n_kv_head=2, n_embd=8, n_hidden=6, context_length=8)
IDS = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 0]])
TARGETS = np.array([1, 4, 1, 5, 2, 6, 5, 3, 0, 6])


def waves(config: ModelConfig) -> Transformer:
    """A model whose weights anybody can make again: sines."""
    params: dict[str, Floats] = {}
    for k, (name, shape) in enumerate(config.shapes().items()):
        wave = 0.8 * np.sin(1.7 * np.arange(1, np.prod(shape) + 1) + k)
        params[name] = (wave + (len(shape) == 1)).reshape(shape)
    return Transformer(config, params)


def step(model: Transformer) -> tuple[float, dict[str, Floats]]:
    logits, backward = model.forward(IDS)
    loss, loss_backward = cross_entropy(logits.reshape(len(TARGETS), -1), TARGETS, np.ones(len(TARGETS)))
    return loss, backward(loss_backward().reshape(logits.shape))


# What transformers 5.23's LlamaForCausalLM makes of the weights of `waves` and IDS (torch 2.13, float64; its norms and
# its softmax are float32): the last logits of the first row, the mean loss, and norms of gradients.
LLAMA = {
    True: (
        [
            3.681684177828811,
            -0.37944833332261,
            -4.070014632010,
            -3.78583713976,
            0.195558673622,
            3.98597344786,
            3.88371838,
        ],
        5.227819587335315,
        {"embedding": 12.52363, "blocks.0.key": 2.52459, "blocks.0.output": 27.77737, "blocks.1.query": 4.32266},
    ),
    False: (
        [
            0.6295109185119,
            -0.8118945630422,
            -0.420294629718,
            0.920199861084,
            0.183169258214,
            -0.96740056197,
            0.0661192148,
        ],
        2.406680118816824,
        {"embedding": 5.33303, "head": 1.57163, "blocks.0.value": 4.13914, "blocks.1.gate": 0.50531},
    ),
}


@pytest.mark.parametrize("tied", [True, False])
def test_the_model_is_hugging_faces_llama(tied: bool) -> None:
    last_logits, expected_loss, norms = LLAMA[tied]
    model = waves(replace(CONFIG, tied=tied))
    loss, grads = step(model)
    np.testing.assert_allclose(model.forward_only(IDS)[0, -1], last_logits, rtol=3e-6)
    assert loss == pytest.approx(expected_loss, rel=1e-6)
    for name, norm in norms.items():
        assert np.linalg.norm(grads[name]) == pytest.approx(norm, rel=1e-5)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("n_kv_head", [4, 2, 1])
@pytest.mark.parametrize("head_size", [None, 4])
def test_every_weight_gets_the_right_gradient(tied: bool, n_kv_head: int, head_size: int | None) -> None:
    sizes = {"n_layer": 2, "n_embd": 8, "n_hidden": 3, "vocab_size": 7}
    model = waves(replace(CONFIG, tied=tied, n_kv_head=n_kv_head, head_size=head_size, **sizes))
    _, grads = step(model)
    assert list(grads) == list(model.params)

    def loss() -> float:
        logits = model.forward_only(IDS)
        return cross_entropy(logits.reshape(len(TARGETS), -1), TARGETS, np.ones(len(TARGETS)))[0]

    check_gradients(loss, model.params, grads)


@pytest.mark.parametrize("tied", [True, False])
def test_hidden_states_have_the_right_gradient_too(tied: bool) -> None:
    model = waves(replace(CONFIG, tied=tied, n_layer=1))
    H, backward = model.hidden(IDS)
    dH = np.random.default_rng(0).normal(size=H.shape)
    assert H.shape == (2, 5, 8)
    check_gradients(lambda: float((model.hidden(IDS)[0] * dH).sum()), model.params, backward(dH))
    np.testing.assert_allclose(H @ model.head, model.forward_only(IDS))


def test_a_later_token_changes_nothing_earlier_and_rows_do_not_mix() -> None:
    model = waves(CONFIG)
    logits = model.forward_only(IDS)
    np.testing.assert_allclose(model.forward_only(IDS[1:, :3]), logits[1:, :3])
    changed = IDS.copy()
    changed[0, 3] = 6
    after = model.forward_only(changed)
    np.testing.assert_array_equal(after[0, :3], logits[0, :3])
    np.testing.assert_array_equal(after[1], logits[1])
    assert (after[0, 3:] != logits[0, 3:]).all()


def test_with_and_without_backward_the_logits_are_the_same() -> None:
    model = waves(CONFIG)
    np.testing.assert_array_equal(model.forward_only(IDS), model.forward(IDS)[0])


def test_backward_may_be_called_again_and_shares_no_memory_with_the_model() -> None:
    model = waves(CONFIG)
    before = model.copy()
    logits, backward = model.forward(IDS)
    dlogits = np.ones_like(logits)
    first, second = backward(dlogits), backward(dlogits)
    arrays = [*first.values(), *model.params.values()]
    for i, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in arrays[:i])
    for name in first:
        assert first[name].flags.c_contiguous
        np.testing.assert_array_equal(first[name], second[name])
        np.testing.assert_array_equal(model.params[name], before.params[name])
    assert (dlogits == 1).all()


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> list[Floats]:
    """Every operand and result of the matrix products, as they come."""
    seen: list[Floats] = []

    def watched(A: Floats, B: Floats) -> Floats:
        seen.extend((A, B, np.matmul(A, B)))
        return seen[-1]

    monkeypatch.setattr(matmul, "used", watched)
    return seen


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_stays_in_the_dtype_of_the_weights(dtype: type[np.floating], products: list[Floats]) -> None:
    model = waves(CONFIG).astype(dtype)
    logits, backward = model.forward(IDS)
    _, grads = step(model)
    arrays = [logits, *products, *grads.values(), *kept_arrays(backward)]
    assert len(products) > 3 * 2 * 27
    assert len(arrays) > len(products) + 40
    assert {array.dtype for array in arrays} == {model.dtype} == {np.dtype(dtype)}


def test_every_product_goes_through_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    def zeros(A: Floats, B: Floats) -> Floats:
        return np.zeros((*np.broadcast_shapes(A.shape[:-2], B.shape[:-2]), A.shape[-2], B.shape[-1]))

    model = waves(CONFIG)
    monkeypatch.setattr(matmul, "used", zeros)
    logits = model.forward_only(IDS)
    _, grads = step(model)
    assert not logits.any()
    assert not any(grads[name].any() for name in grads)


def test_a_training_step_fits_in_its_kept_activations_and_little_more() -> None:
    config = ModelConfig(vocab_size=64, n_layer=3, n_head=4, n_kv_head=2, n_embd=32, n_hidden=80, context_length=32)
    model = Transformer.initialize(config, seed=0)
    B, T, C, V, F, n_head = 8, 32, 32, 64, 80, 4
    ids = np.random.default_rng(0).integers(0, V, (B, T))
    weights = np.ones(B * T, np.float32)

    def training_step() -> None:
        logits, backward = model.forward(ids)
        _, loss_backward = cross_entropy(logits.reshape(-1, V), ids.reshape(-1), weights)
        backward(loss_backward().reshape(logits.shape))

    def peak(function: Callable[[], object]) -> int:
        gc.collect()
        tracemalloc.start()
        function()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    training_step()  # fills the tables that are made once
    # A token of a block: 4 C for the norms, 4 C for queries, keys, values and what attention gave, T a head for its
    # weights, 4 F for the MLP; then the last norm, and the logits with their exponentials and their gradient.
    kept = 4 * B * T * (config.n_layer * (4 * C + 4 * C + n_head * T + 4 * F + 2) + 2 * C + 3 * V)
    gradients = 4 * config.n_params
    # The largest temporaries: what the backward of one attention or of one MLP makes.
    largest = 4 * B * T * (max(n_head * T, 3 * F) + 8 * C)
    objects = 80_000  # Python's own
    assert kept < peak(training_step) < kept + gradients + largest + objects
    # Without a backward, one block's temporaries are all there is.
    assert peak(lambda: model.forward_only(ids)) < 4 * B * T * (8 * C + n_head * T + 4 * F) + objects


def test_initialize_draws_weights_by_their_inputs_smaller_ones_into_the_residual_stream_and_gains_of_1() -> None:
    config = ModelConfig(500, 8, 4, 2, n_embd=64, n_hidden=96, context_length=8, head_size=36, tied=False)
    model = Transformer.initialize(config, seed=3)
    assert model.dtype == np.float32
    assert model.n_params == config.n_params == sum(array.size for array in model.params.values())
    # 1 / √(numbers that come in), of which the residual stream has 64; 16 parts add up in it
    deviations = {"embedding": 0.1, "output": 1 / 12 / 4, "down": 1 / math.sqrt(96) / 4}
    for name, array in model.params.items():
        if array.ndim == 1:
            assert (array == 1).all()
        else:
            deviation = deviations.get(name.rpartition(".")[2], 1 / 8)
            assert array.std() == pytest.approx(deviation, rel=0.05)
            assert abs(array.mean()) < deviation / 10
    again, other = Transformer.initialize(config, seed=3), Transformer.initialize(config, seed=4)
    np.testing.assert_array_equal(again.params["embedding"], model.params["embedding"])
    assert (other.params["embedding"] != model.params["embedding"]).any()


def test_a_new_model_finds_all_tokens_about_equally_likely() -> None:
    for seed in range(5):
        logits = Transformer.initialize(CONFIG, seed).forward_only(IDS)
        logps = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        assert -logps.mean() == pytest.approx(np.log(CONFIG.vocab_size), abs=0.1)


def test_a_copy_and_a_cast_have_weights_of_their_own() -> None:
    model = waves(CONFIG)
    for twin in (model.copy(), model.astype(np.float64), model.astype(np.float32)):
        twin.params["final_norm"] += 1
        np.testing.assert_allclose(twin.params["final_norm"], model.params["final_norm"] + 1, rtol=1e-6)
    np.testing.assert_allclose(model.astype(np.float32).forward_only(IDS), model.forward_only(IDS), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([1, 2], r"ids: expected whole numbers \(B, T\), got int(32|64) \(2,\)"),
        ([[]], r"ids: expected whole numbers \(B, T\), got float64 \(1, 0\)"),
        ([[1.0]], r"ids: expected whole numbers \(B, T\), got float64 \(1, 1\)"),
        ([[0] * 9], r"ids: expected at most 8 tokens \(context_length\), got 9"),
        ([[0, 7]], "ids: expected token ids from 0 to 6, got 0 to 7"),
        ([[-1, 0]], "ids: expected token ids from 0 to 6, got -1 to 0"),
    ],
)
def test_ids_that_the_model_cannot_read_are_refused(ids: list[list[int]], message: str) -> None:
    model = waves(CONFIG)
    for method in (model.forward, model.hidden, model.forward_only):
        with pytest.raises(ValueError, match=message):
            method(np.array(ids))


def test_weights_that_are_not_the_configs_are_refused() -> None:
    params = waves(CONFIG).params
    with pytest.raises(ValueError, match=r"got none for \['final_norm'\] and unknown \['bias'\]"):
        Transformer(CONFIG, {name: array for name, array in params.items() if name != "final_norm"} | {"bias": IDS})
    with pytest.raises(ValueError, match=r"blocks\.1\.up: expected the shape \(8, 6\), got \(6, 8\)"):
        Transformer(CONFIG, params | {"blocks.1.up": params["blocks.1.up"].T})
    with pytest.raises(ValueError, match=r"expected one floating dtype, got \['float32', 'float64'\]"):
        Transformer(CONFIG, params | {"final_norm": np.ones(8, np.float32)})
    with pytest.raises(ValueError, match=r"expected one floating dtype, got \['int64'\]"):
        Transformer(CONFIG, {name: array.astype(np.int64) for name, array in params.items()})


FAULTS = """
import resource
import numpy as np
{first}
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(2**21)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc's allocator")
def test_memory_once_freed_is_used_again() -> None:
    def faults(first: str) -> int:
        code = FAULTS.format(first=first)
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    assert faults("import labs.core.model.transformer") < 100
