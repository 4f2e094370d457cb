"""Who wrote a pull request, as far as GitHub tells: who opened it, and who authored and committed
what is in it.

Reads only. A commit's author is whoever its e-mail address belongs to: Git lets anybody write any.
So these are people who count as authors *besides* those who are known to have pushed.
https://docs.github.com/en/graphql/reference/objects#pullrequest
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twiceshy.github.api import Api
from twiceshy.github.errors import Gone
from twiceshy.github.people import account
from twiceshy.github.queries import ask_repository

MOST_COMMITS = 1_000
MOST_COAUTHORS = 20
_ACTOR = "user { login }"
_BODY = f"""pullRequest(number: $number) {{
    author {{ login }}
    commits(first: 100, after: $after) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ commit {{
        authors(first: {MOST_COAUTHORS}) {{ pageInfo {{ hasNextPage }} nodes {{ {_ACTOR} }} }}
        committer {{ {_ACTOR} }}
      }} }}
    }}
  }}"""


def authors_of(api: Api, repository: str, number: int) -> frozenset[str] | None:
    """Their accounts; None when there are more commits, or more authors of one, than we read.
    Raises a GitHubError.
    """
    people: set[str] = set()
    commits, after = 0, None
    while commits < MOST_COMMITS:
        pull = _page(api, repository, number, after)
        people |= set(_people(pull))
        listed = pull["commits"]
        if any(node["commit"]["authors"]["pageInfo"]["hasNextPage"] for node in listed["nodes"]):
            return None
        commits += len(listed["nodes"])
        if not listed["pageInfo"]["hasNextPage"]:
            return frozenset(people) if commits >= listed["totalCount"] else None
        after = listed["pageInfo"]["endCursor"]
    return None


def _page(api: Api, repository: str, number: int, after: str | None) -> Mapping[str, Any]:
    declared = ", $number: Int!, $after: String"
    answer = ask_repository(api, repository, _BODY, declared, number=number, after=after)
    pull = (answer or {}).get("pullRequest")
    if pull is None:
        raise Gone(f"no pull request {number} in {repository}")
    return dict(pull)


def _people(pull: Mapping[str, Any]) -> Iterator[str]:
    actors = [{"user": pull["author"]}]
    for node in pull["commits"]["nodes"]:
        actors += [*node["commit"]["authors"]["nodes"], node["commit"]["committer"]]
    for actor in actors:
        if actor and actor.get("user"):
            yield account(actor["user"]["login"])
