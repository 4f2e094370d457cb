"""GitHub: what it tells us, and what we tell it. Nothing here decides what is said of a change, or
keeps state.
"""
