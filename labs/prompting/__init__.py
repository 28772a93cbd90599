"""Lab: prompts that work and prompts that break, each beside the other, judged over many questions."""
