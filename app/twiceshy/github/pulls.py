"""Reads a pull request: its files, their texts at head, and what the base branch says, in as few
calls as GitHub allows.

Reads only; what cannot be inspected is named, never passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from twiceshy.changes.change import Status
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.changes.skip import parse_attributes, skip_reason
from twiceshy.github.api import Api
from twiceshy.github.people import account
from twiceshy.github.queries import TEXTS_A_QUERY, Query, ask, ask_comments
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Problem
from twiceshy.publishing.values import PostedComment, Thumb
from twiceshy.verdicts.settings import FILE_NAME
from twiceshy.verdicts.sharing import UNKNOWN, Reader

MOST_FILES = 3_000
"""https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files"""

MOST_COMPARED = 300
"""https://docs.github.com/en/rest/commits/commits#compare-two-commits"""

MOST_TEXTS = 3_000
"""Files whose whole text is read; of more, the rest is judged by its hunks."""

ATTRIBUTES = ".gitattributes"
_SUBMODULE = re.compile(r"^[+-]Subproject commit [0-9a-f]{40}", re.MULTILINE)
_STATUS = {
    "added": Status.ADDED,
    "removed": Status.DELETED,
    "renamed": Status.RENAMED,
    "copied": Status.COPIED,
}


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file as the files endpoint tells of it; ``patch`` is None when GitHub gives none."""

    path: str
    status: Status
    previous: str | None
    patch: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pull request at one moment."""

    head: str
    base: str
    open: bool
    files: tuple[ChangedFile, ...]
    texts: Mapping[str, str]  # at head, by path
    settings: str | None  # .twiceshy.yml at base
    attributes: str  # .gitattributes at base
    trees: Mapping[str, str]  # of the base: folder -> tree id
    comments: tuple[PostedComment, ...]
    problems: tuple[Problem, ...]  # what is out of scope, and named all the same
    not_looked_at: tuple[NotLookedAt, ...] = ()
    repository: Reader = UNKNOWN  # who may read the pull request
    author: str = ""  # of the pull request
    complete: bool = True  # all review threads were read
    settings_unread: bool = False  # they are there, and GitHub does not give their text


def read_pull(api: Api, repository: str, number: int, base: str, head: str, slug: str) -> Snapshot:
    """The pull request, with the settings of the base branch's head, whatever ``base`` an event
    named.

    ``slug`` is the App's own name.
    """
    files = tuple(_files(api, repository, number))
    wanted = [file.path for file in files if _worth_reading(file)]
    batches = [
        wanted[at : at + TEXTS_A_QUERY]
        for at in range(0, min(len(wanted), MOST_TEXTS), TEXTS_A_QUERY)
    ] or [[]]
    first = ask(api, Query(repository, number, base, head, tuple(batches[0])))
    texts = dict(first.texts)
    for batch in batches[1:]:
        texts |= ask(api, Query(repository, None, base, head, tuple(batch))).texts
    files = _with_patches(files, texts)
    return Snapshot(
        head=first.head or head,
        base=first.base or base,
        open=first.open,
        files=files,
        texts=texts,
        settings=first.at_base.get(FILE_NAME),
        attributes=first.at_base.get(ATTRIBUTES) or "",
        trees=first.trees,
        comments=tuple(_own(api, first.comments, slug)),
        problems=tuple(_out_of_scope(files)),
        not_looked_at=(
            *_settings_unread(first.unread),
            *_not_looked_at(files, wanted, texts, first.changed_files),
        ),
        repository=first.repository,
        author=first.author,
        complete=first.complete,
        settings_unread=FILE_NAME in first.unread,
    )


def read_range(api: Api, repository: str, base: str, head: str) -> Snapshot:
    """What a merge queue's commit changes against its base; GitHub lists at most 300 files of such
    a comparison.

    https://docs.github.com/en/rest/commits/commits#compare-two-commits
    """
    compared = api.get(f"/repos/{repository}/compare/{base}...{head}")
    files = tuple(_file(raw) for raw in compared.get("files", ()))
    count = len(files) + (len(files) >= MOST_COMPARED)  # GitHub does not say how many there are
    wanted = [file.path for file in files if _worth_reading(file)]
    answer = ask(
        api, Query(repository, None, base, head, tuple(wanted[:TEXTS_A_QUERY]), with_base=True)
    )
    files = _with_patches(files, answer.texts)
    return Snapshot(
        head=head,
        base=base,
        open=True,
        files=files,
        texts=answer.texts,
        settings=answer.at_base.get(FILE_NAME),
        attributes=answer.at_base.get(ATTRIBUTES) or "",
        trees=answer.trees,
        comments=(),
        problems=tuple(_out_of_scope(files)),
        not_looked_at=(
            *_settings_unread(answer.unread),
            *_not_looked_at(files, wanted, answer.texts, count),
        ),
        repository=answer.repository,
        settings_unread=FILE_NAME in answer.unread,
    )


def digest(snapshot: Snapshot, registries: Iterable[str] = ()) -> str:
    """The same for two snapshots in which our lessons see the same change; ``registries`` are what
    else guards it.
    """
    whole = sha256()
    parts = [f"{key}={snapshot.trees[key]}" for key in sorted(snapshot.trees)]
    parts += [snapshot.settings or "", snapshot.attributes, *registries]
    for file in sorted(snapshot.files, key=lambda each: each.path):
        parts += [file.path, file.patch or "", snapshot.texts.get(file.path, "")]
    for part in parts:
        whole.update(part.encode("utf-8", "replace") + b"\0")
    return whole.hexdigest()[:32]


def _files(api: Api, repository: str, number: int) -> Iterator[ChangedFile]:
    for raw in api.pages(f"/repos/{repository}/pulls/{number}/files", MOST_FILES):
        yield _file(raw)


def _file(raw: Mapping[str, Any]) -> ChangedFile:
    status = _STATUS.get(raw["status"], Status.MODIFIED)
    patch = raw.get("patch")
    if (
        patch is None
        and not raw.get("changes")
        and status is not Status.ADDED
        and raw.get("previous_filename")
    ):
        patch = ""  # renamed as it is
    return ChangedFile(str(raw["filename"]), status, raw.get("previous_filename"), patch)


def _with_patches(
    files: Sequence[ChangedFile], texts: Mapping[str, str]
) -> tuple[ChangedFile, ...]:
    """The files, and for new ones of which GitHub gives no diff, for their size or as they are
    empty, their text's.
    """
    return tuple(_with_patch(file, texts.get(file.path)) for file in files)


def _with_patch(file: ChangedFile, text: str | None) -> ChangedFile:
    if not _left_out(file) or text is None:
        return file
    if not text:
        return replace(file, patch="")
    lines = text.removesuffix("\n").split("\n")
    patch = f"@@ -0,0 +1,{len(lines)} @@\n" + "\n".join(f"+{line}" for line in lines)
    return replace(file, patch=patch)


def _left_out(file: ChangedFile) -> bool:
    """A new source file of which GitHub gives no diff."""
    return (
        file.patch is None
        and file.status is Status.ADDED
        and language_of_path(file.path) is not None
    )


def _worth_reading(file: ChangedFile) -> bool:
    """Not for what is skipped by its name alone, or has nothing that was added or could be judged."""
    if file.status is Status.DELETED or not (file.patch or _left_out(file)):
        return False
    return skip_reason(file.path, None, parse_attributes(""), ()) is None


def own_comments(api: Api, repository: str, number: int, slug: str) -> tuple[PostedComment, ...]:
    """Our comments on a pull request. Raises a GitHubError."""
    return tuple(_own(api, ask_comments(api, repository, number), slug))


def _own(api: Api, comments: Sequence[Mapping[str, Any]], slug: str) -> Iterator[PostedComment]:
    """A marker under anybody else's name is no marker of ours, nor is one in a body that somebody
    else edited.
    """
    for comment in comments:
        editor = comment.get("editor")
        if _is_ours(api, comment.get("author"), slug) and (
            editor is None or _is_ours(api, editor, slug)
        ):
            reactions = comment.get("reactions") or {}
            more = bool((reactions.get("pageInfo") or {}).get("hasNextPage"))
            thumbs = tuple(_thumbs(reactions, slug))
            yield PostedComment(int(comment["fullDatabaseId"]), str(comment["body"]), thumbs, more)


def _thumbs(reactions: Mapping[str, Any], slug: str) -> Iterator[Thumb]:
    """Those of people: a reaction of nobody's, or of our own, is no word."""
    for reaction in reactions.get("nodes") or ():
        login = ((reaction or {}).get("user") or {}).get("login")
        if login and account(login) != account(slug):
            yield Thumb(str(login), str(reaction.get("createdAt") or ""))


def _is_ours(api: Api, actor: Mapping[str, Any] | None, slug: str) -> bool:
    actor = actor or {}
    login, kind = str(actor.get("login") or ""), str(actor.get("__typename") or "")
    return api.wrote(slug, login, kind, int(actor.get("databaseId") or 0))


def _out_of_scope(files: Sequence[ChangedFile]) -> Iterator[Problem]:
    """What is never looked at by design, and named all the same."""
    for file in files:
        if file.patch is None and language_of_path(file.path) is None:
            yield Problem(
                file.path, 0, "not inspected: GitHub gives no diff of it (binary, or too large)"
            )
        elif file.patch and _SUBMODULE.search(file.patch):
            yield Problem(
                file.path,
                0,
                "not inspected: it is a submodule, whose commits are another repository's",
            )


def _settings_unread(unread: Sequence[str]) -> Iterator[NotLookedAt]:
    """Settings nobody can read may name registries: what they ask for was not done."""
    if FILE_NAME in unread:
        detail = "GitHub does not give its text (binary, or too large), so the defaults hold: write it anew"
        yield NotLookedAt(Unseen.NOT_TEXT, FILE_NAME, detail)


def _not_looked_at(
    files: Sequence[ChangedFile], wanted: Sequence[str], texts: Mapping[str, str], count: int
) -> Iterator[NotLookedAt]:
    """What GitHub did not give of a change of so many files."""
    if count > len(files):
        detail = f"not inspected: GitHub lists {len(files):,} files of this change, and no more: split it"
        yield NotLookedAt(
            Unseen.TOO_MANY_FILES, "", detail, f"{count - len(files):,} of {count:,} files or more"
        )
    for file in files:
        if file.patch is None and file.status is not Status.DELETED and language_of_path(file.path):
            detail = "not inspected: GitHub gives no diff of it (binary, or too large)"
            yield NotLookedAt(Unseen.NO_PATCH, file.path, detail)
    given = {file.path for file in files if file.patch is not None}
    for path in wanted:
        if path in given and path not in texts:
            detail = "its whole text could not be read, so its hunks alone were judged"
            yield NotLookedAt(Unseen.PARTLY_READ, path, detail)
