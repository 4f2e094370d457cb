"""Cuts the paths we call, and what they refer to, out of GitHub's own OpenAPI description.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json
    python tests/github_double/slice_openapi.py package/generated/api.github.com.json >
    tests/fixtures/github/openapi.json

The package is MIT-licensed, Copyright (c) Octokit contributors; see
tests/fixtures/github/README.md.
"""

import json
import sys
from pathlib import Path
from typing import Any

WANTED = {
    "/app": ["get"],
    "/app/hook/deliveries": ["get"],
    "/app/hook/deliveries/{delivery_id}/attempts": ["post"],
    "/app/installations": ["get"],
    "/app/installations/{installation_id}/access_tokens": ["post"],
    "/app-manifests/{code}/conversions": ["post"],
    "/rate_limit": ["get"],
    "/installation/repositories": ["get"],
    "/repos/{owner}/{repo}/pulls": ["get"],
    "/users/{username}": ["get"],
    "/repos/{owner}/{repo}/pulls/{pull_number}/files": ["get"],
    "/repos/{owner}/{repo}/pulls/{pull_number}/comments": ["get", "post"],
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ["get", "post"],
    "/repos/{owner}/{repo}/pulls/comments/{comment_id}": ["get", "patch"],
    "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions": ["post"],
    "/repos/{owner}/{repo}/check-runs": ["post"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ["get", "patch"],
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ["get"],
    "/repos/{owner}/{repo}/commits/{ref}": ["get"],
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": ["get"],
    "/repos/{owner}/{repo}/compare/{basehead}": ["get"],
    "/repos/{owner}/{repo}/git/trees/{tree_sha}": ["get"],
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions": ["post"],
    "/repos/{owner}/{repo}/collaborators/{username}/permission": ["get"],
}
PROSE = frozenset(
    {
        "description",
        "summary",
        "examples",
        "example",
        "externalDocs",
        "x-github",
        "operationId",
        "tags",
    }
)


def main() -> None:
    """Print the slice."""
    whole = json.loads(Path(sys.argv[1]).read_text())
    paths = {
        path: {verb: _plain(whole["paths"][path][verb]) for verb in verbs}
        for path, verbs in WANTED.items()
    }
    components: dict[str, dict[str, Any]] = {}
    waiting = list(_references(paths))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = _plain(whole["components"][kind][name])
            waiting.extend(_references(components[kind][name]))
    slice_ = {
        "openapi": whole["openapi"],
        "info": whole["info"]["title"],
        "paths": paths,
        "components": components,
    }
    json.dump(slice_, sys.stdout, separators=(",", ":"), sort_keys=True)


def _plain(value: Any, inside_properties: bool = False) -> Any:
    """Without prose, which is four fifths of it; a property may be called ``description``."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _plain(part, key == "properties")
        for key, part in value.items()
        if inside_properties or key not in PROSE
    }


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [reference for part in value for reference in _references(part)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [reference for part in value.values() for reference in _references(part)]


if __name__ == "__main__":
    main()
