"""Makes the small random checkpoints of fixtures/, and what `transformers` computes with them.

Usage: make_fixtures.py [FOLDER]   needs torch, transformers and tokenizers; FOLDER defaults to fixtures/ beside this.

Weights are drawn with NumPy, so that every version of the other packages is given the same ones. Beside each checkpoint
lie expected.json (ids, greedy continuation, chat prompt) and expected.npy (logits), computed in float32 from the files
as saved.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (  # type: ignore[import-not-found, unused-ignore]
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TRAINING_TEXTS = [
    "The capital of France is Paris.",
    "The cat and the hat are in the house.",
    "one and two and three",
] * 4
SHORT_TEXT = "The cat 12–3:\n🐈"
SYSTEM_PROMPT = "You are a small random model."
MESSAGES = [{"role": "user", "content": "Where is the\n\ncat? "}]
CHAT_TEMPLATE = (  # SmolLM2-Instruct's, with another system prompt
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\n" + SYSTEM_PROMPT + "<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SMALL = {
    "vocab_size": 280,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
N_GREEDY = 16
SMALLEST_LEAD = 1e-3  # of the best token over the next: rounding may not decide the greedy text


def main(folder: Path) -> None:
    """Write every checkpoint into a new folder of its own below `folder`."""
    torch.set_num_threads(1)
    make(folder / "base", LlamaConfig(**SMALL, tie_word_embeddings=True, rms_norm_eps=1e-5), torch.bfloat16, seed=1)
    make(
        folder / "tuned",
        LlamaConfig(**SMALL | {"eos_token_id": 2}, tie_word_embeddings=True, rms_norm_eps=1e-5),
        torch.bfloat16,
        seed=1,
        nudge=0.05,
        chat_template=CHAT_TEMPLATE,
    )
    make(
        folder / "full_heads",
        LlamaConfig(
            **SMALL | {"num_key_value_heads": 4}, rope_parameters={"rope_type": "default", "rope_theta": 500.0}
        ),
        torch.float32,
        seed=2,
        old_config=True,
    )
    make(
        folder / "sharded",
        LlamaConfig(**SMALL, head_dim=6, rope_parameters=rotary(100_000.0)),
        torch.float16,
        seed=3,
        shard_size="12KB",
        stops_early=True,
    )
    make(
        folder / "mistral",
        MistralConfig(**SMALL | {"num_key_value_heads": 1}, sliding_window=None, tie_word_embeddings=True),
        torch.bfloat16,
        seed=4,
        adds_bos=True,
    )


def make(
    folder: Path,
    config: PreTrainedConfig,
    dtype: torch.dtype,
    seed: int,
    nudge: float = 0.0,
    chat_template: str | None = None,
    old_config: bool = False,
    shard_size: str = "5GB",
    stops_early: bool = False,
    adds_bos: bool = False,
) -> None:
    """Write one checkpoint, read it again with `transformers`, and write what it computes."""
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_config(config)
    draw_parameters(model, seed, nudge)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard_size)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=train_tokenizer(config.vocab_size, adds_bos),
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>" if chat_template else "<|endoftext|>",
        chat_template=chat_template,
    )
    tokenizer.save_pretrained(folder)
    if old_config:
        write_as_before_version_5(folder / "config.json")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    write_expected(folder, model, tokenizer, stops_early)


def draw_parameters(model: PreTrainedModel, seed: int, nudge: float) -> None:
    """Weights so large that attention and positions matter; `nudge` moves them a little, as tuning would."""
    draws, moves = np.random.default_rng(seed), np.random.default_rng(seed + 100)
    for _, parameter in sorted(model.named_parameters()):
        shape = tuple(parameter.shape)
        values = (
            1 + 0.3 * draws.normal(size=shape) if len(shape) == 1 else 1.5 * draws.normal(size=shape) / shape[1] ** 0.5
        )
        values *= 1 + nudge * moves.normal(size=shape)
        parameter.data = torch.from_numpy(values.astype(np.float32))
    model.tie_weights()


def rotary(base: float) -> dict[str, Any]:
    """Rotary settings with another base than Llama's own."""
    return {"rope_type": "default", "rope_theta": base}


def train_tokenizer(vocab_size: int, adds_bos: bool) -> Tokenizer:
    """A byte-level BPE as SmolLM2's: markers first, digits alone."""
    tokenizer = Tokenizer(models.BPE())
    pieces = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(pieces)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=SPECIAL_TOKENS, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TRAINING_TEXTS, trainer)
    if adds_bos:
        tokenizer.post_processor = processors.TemplateProcessing("<|endoftext|> $A", None, [("<|endoftext|>", 0)])
    return tokenizer


def write_as_before_version_5(path: Path) -> None:
    """Rotary settings and number type where they stood then, and nothing that had a default."""
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["rope_scaling"] = None
    config["torch_dtype"] = config.pop("dtype")
    for key in ("num_key_value_heads", "head_dim", "tie_word_embeddings"):
        config.pop(key, None)
    path.write_text(json.dumps(config, indent=2) + "\n")


def write_expected(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, stops_early: bool) -> None:
    """Logits for each position of SHORT_TEXT, its greedy continuation, and the chat prompt of MESSAGES."""
    ids = tokenizer(SHORT_TEXT)["input_ids"]
    if stops_early:  # a second end token, in a list, as some models have
        tokens = greedy(model, ids)
        end = next(token for n, token in enumerate(tokens) if n >= 5 and token not in tokens[:n])
        model.generation_config.eos_token_id = [0, end]
        model.generation_config.save_pretrained(folder)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].numpy()
    tokens = greedy(model, ids)
    expected: dict[str, Any] = {
        "text": SHORT_TEXT,
        "ids": ids,
        "greedy": tokens,
        "greedy_text": tokenizer.decode(tokens),
    }
    if tokenizer.chat_template:
        prompt = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, return_dict=True)["input_ids"]
        reply = greedy(model, prompt)
        expected["chat"] = {
            "messages": MESSAGES,
            "text": tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False),
            "ids": prompt,
            "greedy": reply,
        }
    np.save(folder / "expected.npy", logits)
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def greedy(model: PreTrainedModel, ids: list[int]) -> list[int]:
    """What the model writes after ids, its end token included."""
    out = model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=N_GREEDY,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )
    for step in out.logits:
        best, second = step[0].topk(2).values.tolist()
        assert best - second > SMALLEST_LEAD, "too close to call: draw other weights"
    tokens: list[int] = out.sequences[0, len(ids) :].tolist()
    return tokens


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "fixtures")
