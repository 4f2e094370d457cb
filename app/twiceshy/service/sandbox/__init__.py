"""Strangers' code is judged here, in processes of their own. Talks to nobody else."""
