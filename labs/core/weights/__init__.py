"""Published weights in our own Transformer: a Llama-type checkpoint of Hugging Face, its tokenizer, its chat markers.

Needs the extra `weights`. Nothing of it is imported before a published model is asked for.
"""
