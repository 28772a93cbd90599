"""The commands of `python -m labs` that make, measure and talk to models: one file each, with `main(arguments)`."""
