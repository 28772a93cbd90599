"""SFT, live: the base model is tuned on the reader's choice of dialogues, and becomes an assistant as they watch."""
