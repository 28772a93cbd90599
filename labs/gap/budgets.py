"""Published budgets, with what post-training came to, and the estimates that circulate without a source."""

from dataclasses import dataclass

from labs.gap.cost import FLOPS_PER_PETAFLOP_DAY


@dataclass(frozen=True)
class Budget:
    """What a report says that pretraining and post-training took, in one unit."""

    model: str
    unit: str
    pretraining: float
    post_training: float
    source: str

    @property
    def share(self) -> float:
        """Post-training as a share of pretraining."""
        return self.post_training / self.pretraining


BUDGETS = (
    Budget("InstructGPT 175B", "petaflop/s-days", 3640, 4.9 + 60, "Ouyang 2022"),  # SFT and PPO-ptx
    Budget("DeepSeek-V3", "H800 hours", 2_664_000, 5_000, "DeepSeek-AI 2024"),
)

DEEPSEEK_HOURS = 2_664_000 + 119_000 + 5_000  # pretraining, longer context, post-training
DEEPSEEK_DOLLARS_PER_HOUR = 2.0  # the report assumes it


@dataclass(frozen=True)
class Run:
    """A pretraining run with the size and the tokens that its report names, and its operations as stated there."""

    model: str
    parameters: float
    tokens: float
    stated_flops: float
    source: str


RUNS = (
    Run("Llama 3 405B", 405e9, 15.6e12, 3.8e25, "Grattafiori 2024, arXiv:2407.21783"),
    Run("SmolLM2 1.7B", 1.7e9, 11e12, 1e23, "SmolLM2 2025, arXiv:2502.02737"),
)

GPT3_FLOPS = 3640 * FLOPS_PER_PETAFLOP_DAY

# In thousands of dollars, from and to, for a model with 7 billion parameters: nobody has measured them.
CIRCULATING = (
    ("pretraining", 100, 100),
    ("SFT", 10, 50),
    ("reward model", 5, 20),
    ("RLHF", 50, 100),
)
