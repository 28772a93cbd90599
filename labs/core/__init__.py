"""What every lab stands on. Nothing in here imports a lab."""
