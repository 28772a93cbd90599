"""The pocket model in plain PyTorch, for `tests.bench.model`: weights of the same shapes, the same training.

It runs in whatever Python has PyTorch, so it uses nothing of `labs`. Of what PyTorch offers it takes the quickest.
"""

# mypy: disable-error-code="import-not-found,misc"

import json
from collections.abc import Iterator
from functools import cache
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.bench.worker import answer

torch.set_num_threads(1)


class Block(nn.Module):
    """Attention and an MLP, each added to the residual stream."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        C, hidden = config["n_embd"], config["n_hidden"]
        self.D = C // config["n_head"]
        self.grouped = config["n_kv_head"] < config["n_head"]
        kv = config["n_kv_head"] * self.D
        self.attention_norm, self.mlp_norm = nn.RMSNorm(C, 1e-5), nn.RMSNorm(C, 1e-5)
        self.query, self.output = nn.Linear(C, C, bias=False), nn.Linear(C, C, bias=False)
        self.key, self.value = nn.Linear(C, kv, bias=False), nn.Linear(C, kv, bias=False)
        self.gate, self.up = nn.Linear(C, hidden, bias=False), nn.Linear(C, hidden, bias=False)
        self.down = nn.Linear(hidden, C, bias=False)

    def forward(self, X: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        B, T, C = X.shape
        N = self.attention_norm(X)
        Q, K, V = (part(N).view(B, T, -1, self.D).transpose(1, 2) for part in (self.query, self.key, self.value))
        Q, K = rotate(Q, cos, sin), rotate(K, cos, sin)
        A = functional.scaled_dot_product_attention(Q, K, V, is_causal=True, enable_gqa=self.grouped)
        X = X + self.output(A.transpose(1, 2).reshape(B, T, C))
        N = self.mlp_norm(X)
        return X + self.down(functional.silu(self.gate(N)) * self.up(N))


def rotate(X: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each vector by its position; component i pairs with i + D/2."""
    first, second = X.chunk(2, dim=-1)
    return X * cos + torch.cat([-second, first], dim=-1) * sin


class Transformer(nn.Module):
    """Token ids to the logits of the next token; the head is the embedding."""

    def __init__(self, config: dict[str, Any], length: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config["vocab_size"], config["n_embd"])
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["n_layer"]))
        self.final_norm = nn.RMSNorm(config["n_embd"], 1e-5)
        D = config["n_embd"] // config["n_head"]
        angles = torch.arange(length)[:, None] * 10_000.0 ** (-torch.arange(0, D, 2) / D)
        self.cos, self.sin = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, T, V)."""
        X = self.embedding(ids)
        for block in self.blocks:
            X = block(X, self.cos, self.sin)
        return functional.linear(self.final_norm(X), self.embedding.weight)


def pretraining(config: dict[str, Any], batch_size: int, length: int) -> Iterator[float]:
    """Train on random windows of random tokens, step by step; yields the loss of each."""
    model = Transformer(config, length)
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.02)
    matrices = [weight for weight in model.parameters() if weight.ndim > 1]
    gains = [weight for weight in model.parameters() if weight.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": gains, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), fused=True)
    tokens = torch.randint(0, config["vocab_size"], (100_000,))
    while True:
        starts = torch.randint(0, len(tokens) - length, (batch_size,))
        windows = tokens[starts[:, None] + torch.arange(length + 1)]
        loss = functional.cross_entropy(model(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.item()


@cache
def started(shape: str) -> Iterator[float]:
    """A training of this shape (as JSON), warmed up."""
    steps = pretraining(**json.loads(shape))
    for _ in range(3):
        next(steps)
    return steps


def train(shape: str, steps: int) -> float:
    """Processor seconds of this many steps."""
    running = started(shape)
    began = process_time()
    for _ in range(steps):
        next(running)
    return process_time() - began


def n_params(shape: str) -> int:
    """How many numbers it learns."""
    sizes = json.loads(shape)
    return sum(weight.numel() for weight in Transformer(sizes["config"], sizes["length"]).parameters())


if __name__ == "__main__":
    answer(globals())
