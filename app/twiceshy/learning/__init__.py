"""From a fix to a lesson: what failed, what fixed it, where it came from. Proposes; the person
decides.
"""
