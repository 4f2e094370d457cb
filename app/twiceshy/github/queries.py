"""One GraphQL question for all that a pull request's judging needs to know. Values go in as
variables, never as text.

https://docs.github.com/en/graphql/reference/objects#repository
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twiceshy.github.api import Api
from twiceshy.github.errors import Gone
from twiceshy.verdicts.sharing import UNKNOWN, Reader, Visibility

TEXTS_A_QUERY = 60
"""Blobs asked for at once: more make GitHub give up on a query."""

AT_BASE = (".twiceshy.yml", ".gitattributes")
FOLDERS = ("lessons", "rules")

TREE = "... on Tree { oid }"
"""A file or a submodule of that name is no folder, and must not be asked for as one."""

_BLOB = "... on Blob { text isBinary isTruncated }"
ABOUT = "databaseId nameWithOwner visibility"
"""Who a repository is and who may read it, asked anew each time: it may have been renamed, moved or
made public.
"""

THUMBS_A_COMMENT = 50
"""Thumbs down that are read of a comment, oldest first."""

_THUMBS = f"""reactions(first: {THUMBS_A_COMMENT}, content: THUMBS_DOWN,
          orderBy: {{field: CREATED_AT, direction: ASC}}) {{
          nodes {{ createdAt user {{ login }} }} pageInfo {{ hasNextPage }}
        }}"""
_THREADS = f"""
      pageInfo {{ hasPreviousPage startCursor }}
      nodes {{ comments(first: 1) {{ nodes {{
        fullDatabaseId body
        author {{ login __typename ... on Bot {{ databaseId }} }} editor {{ login __typename ... on Bot {{ databaseId }} }}
        {_THUMBS}
      }} }} }}
"""
_OF_TODAY = "\n      ".join(
    [f'b{at}: file(path: "{path}") {{ object {{ {_BLOB} }} }}' for at, path in enumerate(AT_BASE)]
    + [f't{at}: file(path: "{path}") {{ object {{ {TREE} }} }}' for at, path in enumerate(FOLDERS)]
)
"""Settings and registry at the base branch's head. What webhooks and the API call ``base.sha`` is
the base of when the pull request was opened: a lesson merged since would not count.
"""

_NOW = "headRefOid baseRefOid"
_PULL = f"""
  pullRequest(number: $number) {{
    state {_NOW} changedFiles author {{ login }} baseRef {{ target {{ oid ... on Commit {{
      {_OF_TODAY}
    }} }} }}
    reviewThreads(last: 100) {{ {_THREADS} }}
  }}"""
_EARLIER = f"""pullRequest(number: $number) {{
    reviewThreads(last: 100, before: $before) {{ {_THREADS} }}
  }}"""
MOST_THREAD_PAGES = 30
"""A hundred review threads each."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked; without a number, texts alone."""

    repository: str
    number: int | None
    base: str
    head: str
    paths: tuple[str, ...]
    with_base: bool = False  # without a number: settings and registry of the base all the same


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What GitHub said."""

    texts: Mapping[str, str] = field(default_factory=dict)
    at_base: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[
        str, ...
    ] = ()  # files of the base that are there, and whose text GitHub does not give
    trees: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    base: str = ""  # the base branch's head, today
    open: bool = True
    comments: tuple[Mapping[str, Any], ...] = ()
    changed_files: int = 0  # however many the files endpoint lists
    repository: Reader = UNKNOWN
    author: str = ""  # of the pull request; empty when the account is gone
    complete: bool = True  # no review thread was left off


def ask(api: Api, question: Query) -> QueryResult:
    """Ask it. Raises as ``Api.graphql``; Gone when the repository or the pull request is not there."""
    repository = api.graphql(*_query(question)).get("repository")
    if repository is None:
        raise Gone(f"no repository {question.repository} for this installation")
    texts = _texts(repository, "f", question.paths)
    if question.number is None and not question.with_base:
        return QueryResult(texts)
    pull = repository.get("pullRequest")
    if question.number is None or pull is None:
        return QueryResult(
            texts,
            _texts(repository, "b", AT_BASE),
            _unread(repository),
            _trees(repository),
            base=question.base,
            repository=reader_from(repository),
        )
    today = (pull.get("baseRef") or {}).get("target")
    if today is None:  # the base branch is gone: as it was
        then = ask(
            api,
            Query(
                question.repository,
                None,
                str(pull["baseRefOid"]),
                question.head,
                (),
                with_base=True,
            ),
        )
    else:
        then = QueryResult(
            at_base=_texts(_objects(today), "b", AT_BASE),
            unread=_unread(_objects(today)),
            trees=_trees(_objects(today)),
            base=str(today["oid"]),
        )
    threads, complete = _threads(api, question, pull.get("reviewThreads") or {})
    return QueryResult(
        texts=texts,
        at_base=then.at_base,
        unread=then.unread,
        trees=then.trees,
        head=str(pull.get("headRefOid") or ""),
        base=then.base,
        open=pull.get("state") == "OPEN",
        changed_files=int(pull.get("changedFiles") or 0),
        author=str((pull.get("author") or {}).get("login") or ""),
        comments=_comments(threads),
        repository=reader_from(repository),
        complete=complete,
    )


def reader_from(repository: Mapping[str, Any]) -> Reader:
    """The repository as one that shows things, out of ``ABOUT``; what GitHub does not say is taken
    for public.
    """
    visibility = visibility_of(repository, unknown=Visibility.PUBLIC)
    name = str(repository.get("nameWithOwner") or "")
    return Reader(int(repository.get("databaseId") or 0), name, visibility)


def visibility_of(repository: Mapping[str, Any], unknown: Visibility) -> Visibility:
    """Who may read it, out of ``ABOUT``; ``unknown`` when GitHub does not say, or says a word we do
    not know.
    """
    word = str(repository.get("visibility") or "").lower()
    return Visibility(word) if word in list(Visibility) else unknown


def pull_now(api: Api, repository: str, number: int) -> tuple[str, str] | None:
    """Head and base of an open pull request as GitHub knows it now; None when it is closed. Raises
    Gone.
    """
    owner, _, name = repository.partition("/")
    query = about_repository(", $number: Int!", f"pullRequest(number: $number) {{ state {_NOW} }}")
    answer = api.graphql(query, {"owner": owner, "name": name, "number": number})
    pull = (answer.get("repository") or {}).get("pullRequest")
    if pull is None:
        raise Gone(f"no pull request {repository}#{number} for this installation")
    return (str(pull["headRefOid"]), str(pull["baseRefOid"])) if pull["state"] == "OPEN" else None


def _trees(nodes: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the folders that are there; a file or a submodule of such a name has none."""
    trees = {}
    for number, name in enumerate(FOLDERS):
        node = nodes.get(f"t{number}") or {}
        if node.get("oid"):
            trees[name] = str(node["oid"])
    return trees


def _objects(commit: Mapping[str, Any]) -> dict[str, Any]:
    """The blobs of a commit's entries, by the same names."""
    return {
        name: entry.get("object") for name, entry in commit.items() if isinstance(entry, Mapping)
    }


def _threads(
    api: Api, question: Query, newest: Mapping[str, Any]
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """All review threads, those before the newest hundred asked for page by page; and whether these
    are all.
    """
    owner, _, name = question.repository.partition("/")
    page, threads = newest, list(newest.get("nodes") or ())
    for _ in range(MOST_THREAD_PAGES):
        pages = page.get("pageInfo") or {}
        if not pages.get("hasPreviousPage"):
            return threads, True
        values = {
            "owner": owner,
            "name": name,
            "number": question.number,
            "before": pages["startCursor"],
        }
        answer = api.graphql(
            about_repository(", $number: Int!, $before: String!", _EARLIER), values
        )
        page = ((answer.get("repository") or {}).get("pullRequest") or {}).get(
            "reviewThreads"
        ) or {}
        threads = [*(page.get("nodes") or ()), *threads]
    return threads, False


def ask_comments(api: Api, repository: str, number: int) -> tuple[Mapping[str, Any], ...]:
    """The comments that begin the pull request's threads, as in ``Answer.comments``. Raises as
    ``ask``.
    """
    owner, _, name = repository.partition("/")
    body = f"pullRequest(number: $number) {{ reviewThreads(last: 100) {{ {_THREADS} }} }}"
    query = about_repository(", $number: Int!", body)
    answer = (
        api.graphql(query, {"owner": owner, "name": name, "number": number}).get("repository") or {}
    )
    newest = (answer.get("pullRequest") or {}).get("reviewThreads") or {}
    threads, _complete = _threads(api, Query(repository, number, "", "", ()), newest)
    return _comments(threads)


def _comments(threads: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    comments: list[Mapping[str, Any]] = []
    for thread in threads:
        comments += thread["comments"]["nodes"]
    return tuple(comments)


def _query(question: Query) -> tuple[str, dict[str, Any]]:
    owner, _, name = question.repository.partition("/")
    values: dict[str, str] = {
        f"f{at}": f"{question.head}:{path}" for at, path in enumerate(question.paths)
    }
    parts = [
        f"f{at}: object(expression: $f{at}) {{ {_BLOB} }}" for at in range(len(question.paths))
    ]
    variables: dict[str, Any] = {"owner": owner, "name": name}
    if question.number is not None or question.with_base:
        parts.append(ABOUT)
    if question.with_base:
        values |= {f"b{at}": f"{question.base}:{path}" for at, path in enumerate(AT_BASE)}
        values |= {f"t{at}": f"{question.base}:{path}" for at, path in enumerate(FOLDERS)}
        parts += [f"b{at}: object(expression: $b{at}) {{ {_BLOB} }}" for at in range(len(AT_BASE))]
        parts += [f"t{at}: object(expression: $t{at}) {{ {TREE} }}" for at in range(len(FOLDERS))]
    if question.number is not None:
        parts.append(_PULL)
        variables["number"] = question.number
    declared = "".join(f", ${key}: String!" for key in values) + (
        ", $number: Int!" if "number" in variables else ""
    )
    body = "\n  ".join(parts) or "id"
    return about_repository(declared, body), {**variables, **values}


def settings_of(api: Api, repository: str) -> str | None:
    """The ``.twiceshy.yml`` of a repository's default branch; None without one, or where we are not
    installed.
    """
    owner, _, name = repository.partition("/")
    query = about_repository(", $at: String!", f"settings: object(expression: $at) {{ {_BLOB} }}")
    try:
        found = (
            api.graphql(query, {"owner": owner, "name": name, "at": "HEAD:.twiceshy.yml"}).get(
                "repository"
            )
            or {}
        )
    except Gone:
        return None
    blob = found.get("settings") or {}
    return None if blob.get("isBinary") or blob.get("isTruncated") else blob.get("text")


def about_repository(declared: str, body: str) -> str:
    """A query about ``$owner/$name``; ``declared`` are further variables, each after a comma."""
    return (
        f"query($owner: String!, $name: String!{declared}) {{\n"
        f" repository(owner: $owner, name: $name) {{\n  {body}\n }}\n}}"
    )


def _unread(repository: Mapping[str, Any]) -> tuple[str, ...]:
    """The files of ``AT_BASE`` that are binary or too large for GitHub to tell."""
    blobs = {path: repository.get(f"b{at}") or {} for at, path in enumerate(AT_BASE)}
    return tuple(
        path for path, blob in blobs.items() if blob.get("isBinary") or blob.get("isTruncated")
    )


def _texts(repository: Mapping[str, Any], letter: str, paths: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, path in enumerate(paths):
        blob = repository.get(f"{letter}{at}") or {}
        if (
            blob.get("text") is not None
            and not blob.get("isTruncated")
            and not blob.get("isBinary")
        ):
            found[path] = blob["text"]
    return found
