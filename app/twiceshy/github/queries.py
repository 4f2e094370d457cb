"""One GraphQL question for all that a pull request's judging needs to know. Values go in as
variables, never as text.

https://docs.github.com/en/graphql/reference/objects#repository
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
_ACTOR = "login __typename ... on Bot { databaseId }"
_THREADS = f"""
      pageInfo {{ hasPreviousPage startCursor }}
      nodes {{ comments(first: 1) {{ nodes {{
        fullDatabaseId body
        author {{ {_ACTOR} }} editor {{ {_ACTOR} }}
        {_THUMBS}
      }} }} }}
"""


def _entries_of_today() -> Iterator[str]:
    for number, path in enumerate(AT_BASE):
        yield f'b{number}: file(path: "{path}") {{ object {{ {_BLOB} }} }}'
    for number, folder in enumerate(FOLDERS):
        yield f't{number}: file(path: "{folder}") {{ object {{ {TREE} }} }}'


_OF_TODAY = "\n      ".join(_entries_of_today())
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
    # files of the base that are there, and whose text GitHub does not give
    unread: tuple[str, ...] = ()
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
    """Ask it. Raises as ``Api.graphql``; Gone when the repository or the pull request is not
    there.
    """
    repository = api.graphql(*_query(question)).get("repository")
    if repository is None:
        raise Gone(f"no repository {question.repository} for this installation")
    texts = _texts(repository, "f", question.paths)
    if question.number is None and not question.with_base:
        return QueryResult(texts)
    reader = reader_from(repository)
    pull = repository.get("pullRequest")
    if question.number is None or pull is None:
        return replace(_base_from(repository, question.base), texts=texts, repository=reader)
    base = _base_of_pull(api, question, pull)
    threads, complete = _threads(api, question, pull.get("reviewThreads") or {})
    return replace(
        base,
        texts=texts,
        head=str(pull.get("headRefOid") or ""),
        open=pull.get("state") == "OPEN",
        changed_files=int(pull.get("changedFiles") or 0),
        author=str((pull.get("author") or {}).get("login") or ""),
        comments=_comments(threads),
        repository=reader,
        complete=complete,
    )


def _base_of_pull(api: Api, question: Query, pull: Mapping[str, Any]) -> QueryResult:
    """What stands at the base branch's head today; as it was, when the branch is gone."""
    today = (pull.get("baseRef") or {}).get("target")
    if today is not None:
        return _base_from(_objects(today), str(today["oid"]))
    base = str(pull["baseRefOid"])
    return ask(api, Query(question.repository, None, base, question.head, (), with_base=True))


def _base_from(nodes: Mapping[str, Any], commit: str) -> QueryResult:
    return QueryResult(
        at_base=_texts(nodes, "b", AT_BASE),
        unread=_unread(nodes),
        trees=_trees(nodes),
        base=commit,
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
    body = f"pullRequest(number: $number) {{ state {_NOW} }}"
    answer = ask_repository(api, repository, body, ", $number: Int!", number=number)
    pull = (answer or {}).get("pullRequest")
    if pull is None:
        raise Gone(f"no pull request {repository}#{number} for this installation")
    if pull["state"] != "OPEN":
        return None
    return str(pull["headRefOid"]), str(pull["baseRefOid"])


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
    objects = {}
    for name, entry in commit.items():
        if isinstance(entry, Mapping):
            objects[name] = entry.get("object")
    return objects


def _threads(
    api: Api, question: Query, newest: Mapping[str, Any]
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """All review threads, those before the newest hundred asked for page by page; and whether these
    are all.
    """
    page, threads = newest, list(newest.get("nodes") or ())
    for _ in range(MOST_THREAD_PAGES):
        page_info = page.get("pageInfo") or {}
        if not page_info.get("hasPreviousPage"):
            return threads, True
        page = _earlier_threads(api, question, str(page_info["startCursor"]))
        threads = [*(page.get("nodes") or ()), *threads]
    return threads, False


def _earlier_threads(api: Api, question: Query, before: str) -> Mapping[str, Any]:
    answer = ask_repository(
        api,
        question.repository,
        _EARLIER,
        ", $number: Int!, $before: String!",
        number=question.number,
        before=before,
    )
    pull = (answer or {}).get("pullRequest") or {}
    return pull.get("reviewThreads") or {}


def ask_comments(api: Api, repository: str, number: int) -> tuple[Mapping[str, Any], ...]:
    """The comments that begin the pull request's threads, as in ``QueryResult.comments``. Raises
    as ``ask``.
    """
    body = f"pullRequest(number: $number) {{ reviewThreads(last: 100) {{ {_THREADS} }} }}"
    answer = ask_repository(api, repository, body, ", $number: Int!", number=number)
    newest = ((answer or {}).get("pullRequest") or {}).get("reviewThreads") or {}
    threads, _complete = _threads(api, Query(repository, number, "", "", ()), newest)
    return _comments(threads)


def _comments(threads: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    comments: list[Mapping[str, Any]] = []
    for thread in threads:
        comments += thread["comments"]["nodes"]
    return tuple(comments)


def _query(question: Query) -> tuple[str, dict[str, Any]]:
    owner, _, name = question.repository.partition("/")
    values: dict[str, Any] = {"owner": owner, "name": name}
    declared = ""
    parts = []
    for key, expression, selection in _objects_asked_for(question):
        values[key] = expression
        declared += f", ${key}: String!"
        parts.append(f"{key}: object(expression: ${key}) {{ {selection} }}")
    if question.number is not None or question.with_base:
        parts.append(ABOUT)
    if question.number is not None:
        values["number"] = question.number
        declared += ", $number: Int!"
        parts.append(_PULL)
    return about_repository(declared, "\n  ".join(parts) or "id"), values


def _objects_asked_for(question: Query) -> Iterator[tuple[str, str, str]]:
    """By which name, where it stands, and what is to be given of it."""
    for number, path in enumerate(question.paths):
        yield f"f{number}", f"{question.head}:{path}", _BLOB
    if question.with_base:
        for number, path in enumerate(AT_BASE):
            yield f"b{number}", f"{question.base}:{path}", _BLOB
        for number, folder in enumerate(FOLDERS):
            yield f"t{number}", f"{question.base}:{folder}", TREE


def settings_of(api: Api, repository: str) -> str | None:
    """The ``.twiceshy.yml`` of a repository's default branch; None without one, or where we are not
    installed.
    """
    body = f"settings: object(expression: $at) {{ {_BLOB} }}"
    try:
        answer = ask_repository(api, repository, body, ", $at: String!", at=f"HEAD:{AT_BASE[0]}")
    except Gone:
        return None
    blob = (answer or {}).get("settings") or {}
    return blob.get("text") if _is_whole(blob) else None


def ask_repository(
    api: Api, repository: str, body: str, declared: str = "", **values: Any
) -> dict[str, Any] | None:
    """What GitHub says of one repository; None when it is not there for this installation.

    ``declared`` are the variables besides ``$owner`` and ``$name``, each after a comma.
    """
    owner, _, name = repository.partition("/")
    query = about_repository(declared, body)
    answer: dict[str, Any] | None = api.graphql(
        query, {"owner": owner, "name": name, **values}
    ).get("repository")
    return answer


def about_repository(declared: str, body: str) -> str:
    """A query about ``$owner/$name``; ``declared`` are further variables, each after a comma."""
    return (
        f"query($owner: String!, $name: String!{declared}) {{\n"
        f" repository(owner: $owner, name: $name) {{\n  {body}\n }}\n}}"
    )


def _is_whole(blob: Mapping[str, Any]) -> bool:
    return not blob.get("isBinary") and not blob.get("isTruncated")


def _unread(repository: Mapping[str, Any]) -> tuple[str, ...]:
    """The files of ``AT_BASE`` that are binary or too large for GitHub to tell."""
    paths = []
    for number, path in enumerate(AT_BASE):
        if not _is_whole(repository.get(f"b{number}") or {}):
            paths.append(path)
    return tuple(paths)


def _texts(repository: Mapping[str, Any], letter: str, paths: Sequence[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, path in enumerate(paths):
        blob = repository.get(f"{letter}{number}") or {}
        if blob.get("text") is not None and _is_whole(blob):
            texts[path] = blob["text"]
    return texts
