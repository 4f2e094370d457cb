"""A GitHub that runs here: real git repositories behind it, held to GitHub's own published
description.
"""

from github_double.double import Call, Fault, GitHubDouble, Pull, Repository

__all__ = ["Call", "Fault", "GitHubDouble", "Pull", "Repository"]
