"""Published budgets, and the estimates that circulate without a source."""

from labs.core.published import BUDGETS as BUDGETS
from labs.core.published import DEEPSEEK_DOLLARS_PER_HOUR as DEEPSEEK_DOLLARS_PER_HOUR
from labs.core.published import DEEPSEEK_HOURS as DEEPSEEK_HOURS
from labs.core.published import GPT3_FLOPS as GPT3_FLOPS
from labs.core.published import RUNS as RUNS
from labs.core.published import Run as Run

__all__ = ["BUDGETS", "CIRCULATING", "DEEPSEEK_DOLLARS_PER_HOUR", "DEEPSEEK_HOURS", "GPT3_FLOPS", "RUNS", "Run"]

# In thousands of dollars, from and to, for a model with 7 billion parameters: nobody has measured them.
CIRCULATING = (
    ("pretraining", 100, 100),
    ("SFT", 10, 50),
    ("reward model", 5, 20),
    ("RLHF", 50, 100),
)
