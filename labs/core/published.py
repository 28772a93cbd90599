"""What published reports say that training took: dated and sourced, one record a model. None if a report is silent."""

from dataclasses import dataclass

SECONDS_PER_DAY = 86_400
FLOPS_PER_PETAFLOP_DAY = 1e15 * SECONDS_PER_DAY


@dataclass(frozen=True)
class Report:
    """One model as its report has it: the data of each stage, and what it took.

    Units: `date` is year and month of the report; parameters and tokens (of pretraining) in full; `sft_examples` are
    dialogues or prompts with a demonstration; `comparisons` pairs, or prompts whose replies were ranked; `rl_prompts`
    prompts of reinforcement learning; `stated_flops` of pretraining; `gpu_hours` and `dollars` as `about` says.
    `anchor` is the entry in docs/sources.md.
    """

    model: str
    date: str
    source: str
    anchor: str
    parameters: float | None = None
    tokens: float | None = None
    sft_examples: int | None = None
    comparisons: int | None = None
    rl_prompts: int | None = None
    stated_flops: float | None = None
    gpu_hours: float | None = None
    dollars: float | None = None
    about: str = ""


INSTRUCTGPT = Report(
    "InstructGPT 175B",
    "2022-03",
    "Ouyang 2022, arXiv:2203.02155",
    "ouyang-2022",
    parameters=175e9,
    sft_examples=13_000,
    comparisons=33_000,
    rl_prompts=31_000,
    stated_flops=3640 * FLOPS_PER_PETAFLOP_DAY,
    about="Data are rounded counts of prompts. FLOPs are those of GPT-3, from which it was tuned.",
)
ALPACA = Report(
    "Alpaca",
    "2023-03",
    "Taori 2023",
    "taori-2023",
    dollars=600,
    about="Dollars: under 500 of generated data and under 100 of compute for SFT; pretraining was another's.",
)
LLAMA_2 = Report(
    "Llama 2 70B",
    "2023-07",
    "Touvron 2023, arXiv:2307.09288",
    "touvron-2023",
    parameters=70e9,
    tokens=2e12,
    sft_examples=27_540,
    comparisons=1_400_000,
    gpu_hours=3.31e6,
    about="GPU-hours: A100, pretraining of the whole family. Comparisons: about.",
)
LLAMA_3 = Report(
    "Llama 3 405B",
    "2024-07",
    "Grattafiori 2024, arXiv:2407.21783",
    "grattafiori-2024",
    parameters=405e9,
    tokens=15.6e12,
    stated_flops=3.8e25,
    about="Six rounds of SFT and DPO followed.",
)
TULU_3_8B = Report(
    "Tülu 3 8B",
    "2024-11",
    "Lambert 2024, arXiv:2411.15124",
    "lambert-2024",
    parameters=8e9,
    sft_examples=939_000,
    comparisons=271_409,
    about="Post-training alone, on Llama 3.1.",
)
TULU_3_70B = Report(
    "Tülu 3 70B",
    "2024-11",
    "Lambert 2024, arXiv:2411.15124",
    "lambert-2024",
    parameters=70e9,
    sft_examples=939_000,
    comparisons=334_367,
    about="Post-training alone, on Llama 3.1.",
)
DEEPSEEK_HOURS = 2_664_000 + 119_000 + 5_000
"""Of an H800: pretraining, longer context, post-training."""

DEEPSEEK_V3 = Report(
    "DeepSeek-V3",
    "2024-12",
    "DeepSeek-AI 2024, arXiv:2412.19437",
    "deepseek-2024",
    gpu_hours=DEEPSEEK_HOURS,
    dollars=5.576e6,
    about="GPU-hours: H800, for pretraining, a longer context and post-training. Dollars at an assumed $2 an hour.",
)
OLMO_2_7B = Report(
    "OLMo 2 7B",
    "2025-01",
    "Team OLMo 2025, arXiv:2501.00656",
    "olmo-2025",
    parameters=7e9,
    tokens=4e12,
    comparisons=378_341,
)
OLMO_2_13B = Report(
    "OLMo 2 13B", "2025-01", "Team OLMo 2025, arXiv:2501.00656", "olmo-2025", parameters=13e9, tokens=5e12
)
SMOLLM2_135M = Report(
    "SmolLM2 135M", "2025-02", "SmolLM2 2025, arXiv:2502.02737", "ben-allal-2025", parameters=135e6, tokens=2e12
)
SMOLLM2_360M = Report(
    "SmolLM2 360M", "2025-02", "SmolLM2 2025, arXiv:2502.02737", "ben-allal-2025", parameters=360e6, tokens=4e12
)
SMOLLM2 = Report(
    "SmolLM2 1.7B",
    "2025-02",
    "SmolLM2 2025, arXiv:2502.02737",
    "ben-allal-2025",
    parameters=1.7e9,
    tokens=11e12,
    stated_flops=1e23,
    dollars=250_000,
    about="FLOPs and dollars: about.",
)

REPORTS = (
    INSTRUCTGPT,
    ALPACA,
    LLAMA_2,
    LLAMA_3,
    TULU_3_8B,
    TULU_3_70B,
    DEEPSEEK_V3,
    OLMO_2_7B,
    OLMO_2_13B,
    SMOLLM2_135M,
    SMOLLM2_360M,
    SMOLLM2,
)
"""The oldest first."""


@dataclass(frozen=True)
class Run:
    """A pretraining run with the size and the tokens that its report names, and its operations as stated there."""

    model: str
    parameters: float
    tokens: float
    stated_flops: float
    source: str


RUNS = tuple(
    Run(report.model, report.parameters, report.tokens, report.stated_flops, report.source)
    for report in REPORTS
    if report.parameters and report.tokens and report.stated_flops
)
"""What 6ND can be held against."""

GPT3_FLOPS = 3640 * FLOPS_PER_PETAFLOP_DAY


@dataclass(frozen=True)
class Budget:
    """What a report says that pretraining and post-training took, in one unit, and what it leaves out."""

    model: str
    unit: str
    pretraining: float
    post_training: float
    source: str
    anchor: str
    left_out: str = ""

    @property
    def share(self) -> float:
        """Post-training as a share of pretraining."""
        return self.post_training / self.pretraining


BUDGETS = (
    Budget(
        "InstructGPT 175B",
        "petaflop/s-days",
        3640,
        4.9 + 60,  # SFT and PPO-ptx
        "Ouyang 2022",
        "ouyang-2022",
        "the reward model and the labelers",
    ),
    Budget("DeepSeek-V3", "H800 hours", 2_664_000, 5_000, "DeepSeek-AI 2024", "deepseek-2024", "a longer context"),
)

DEEPSEEK_DOLLARS_PER_HOUR = 2.0
"""The report assumes it."""


def training_flops(parameters: float, tokens: float) -> float:
    """The operations that training takes: 6 for each parameter and token.

    Units: parameters and tokens as they are, not in billions -> floating-point operations.
    Raises: ValueError if either is not positive.
    Source: Kaplan et al. 2020; 2 for the forward pass and 4 for the backward pass.
    """
    if not (parameters > 0 and tokens > 0):
        given = (parameters, tokens)
        raise ValueError(f"parameters and tokens: expected numbers above 0, got {given!r}; give both in full.")
    return 6 * parameters * tokens
