"""The judging process: reads a case, judges it as the command line does, writes the publication.
Talks to nobody else.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from twiceshy.changes.change import Change, Status
from twiceshy.changes.diff import parse_patch, reverse_apply
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.lessons.famous import famous_folder
from twiceshy.lessons.kept_registry import KeptRegistry
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.sources import Folder, Source, SourceKind
from twiceshy.lessons.time_limits import bound_memory
from twiceshy.publishing.publication import Publication, publication
from twiceshy.service.faults import fault_of
from twiceshy.service.jobs.feedback_memory import memory_of, with_rights
from twiceshy.service.sandbox.launcher import JudgeRequest, RegistryRef, case_from
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.redaction import Withheld, redacted
from twiceshy.verdicts.settings import FILE_NAME, Settings, SettingsError, read_settings
from twiceshy.verdicts.sharing import Share

MEMORY_BYTES = 6 << 30
ATTRIBUTES = ".gitattributes"


def main() -> None:
    """Judge the case on standard input."""
    bound_memory(MEMORY_BYTES)
    try:
        case = case_from(json.loads(sys.stdin.buffer.read()))
        sys.stdout.buffer.write(json.dumps(judge(case).to_dict()).encode())
    except Exception as error:  # noqa: BLE001 - whatever it is, its last words are for the service's log
        sys.stderr.write("\n" + json.dumps(asdict(fault_of(error))) + "\n")
        sys.exit(1)


def judge(case: JudgeRequest) -> Publication:
    """What is to be published of a case."""
    settings, problems = _settings(case.settings)
    change = _change(case)
    change = replace(
        change, not_looked_at=(*change.not_looked_at, *_unread(case.shelves, settings))
    )
    guard = Guard(_sources(case.shelves, settings), settings, Path(case.cache))
    report = guard.judge(change, memory=memory_of(case, settings, guard.index.lesson))
    report = redacted(report, change, guard.index, _withheld(case.shelves))
    report = replace(report, problems=(*case.problems, *problems, *report.problems))
    published = publication(report, change, case.repository_url, case.author)
    return with_rights(published, guard.index.lesson, case, settings)


def _unread(shelves: Sequence[RegistryRef], settings: Settings) -> Iterator[NotLookedAt]:
    """The registries the settings name that gave nothing to guard with."""
    given = {shelf.prefix for shelf in shelves}
    for registry in settings.registries:
        if registry.repo and f"{registry.repo}:" not in given:
            detail = f"registry {registry.repo} gave no lessons, so this change was not held against them"
            yield NotLookedAt(Unseen.REGISTRY_NOT_READ, registry.repo, detail)
        elif registry.path and registry.path != ".":
            detail = f"registry {{path: {registry.path}}} is read on the command line only: the App reads the top folder's"
            yield NotLookedAt(Unseen.REGISTRY_NOT_READ, registry.path, detail)


def _settings(text: str | None) -> tuple[Settings, tuple[Problem, ...]]:
    """Settings that cannot be used do not switch the guard off: the defaults hold, and it is said."""
    try:
        return (read_settings(text) if text is not None else Settings()), ()
    except SettingsError as error:
        return Settings(), (
            *error.problems,
            Problem(FILE_NAME, 0, "it cannot be used, so the defaults hold"),
        )


def _change(case: JudgeRequest) -> Change:
    parsed = [
        parse_patch(each.path, each.patch or "", each.status, each.previous) for each in case.files
    ]
    files = tuple(
        replace(file, binary=given.patch is None)
        for each, given in zip(parsed, case.files, strict=True)
        for file in each.files
    )
    before = {file.base_path: file for file in files if file.status is not Status.ADDED}

    def base(path: str) -> str | None:
        if path in (ATTRIBUTES, FILE_NAME):
            return case.attributes if path == ATTRIBUTES else case.settings
        file = before.get(path)
        if file is None or file.binary or file.submodule:
            return None
        text = "" if file.status is Status.DELETED else case.texts.get(file.path)
        return None if text is None else reverse_apply(text, file)

    unseen = (*case.not_looked_at, *(unseen for each in parsed for unseen in each.not_looked_at))
    return Change(files, case.texts.get, base, case.base, case.head, not_looked_at=unseen)


def _sources(shelves: tuple[RegistryRef, ...], settings: Settings) -> tuple[Source, ...]:
    found = [KeptRegistry(Path(shelf.folder), shelf.label, shelf.prefix) for shelf in shelves]
    famous = any(place.builtin for place in settings.registries) or (
        not settings.written and not found
    )
    return (*found, *([Folder(famous_folder(), "famous:")] if famous else []))


def _withheld(shelves: tuple[RegistryRef, ...]) -> tuple[Withheld, ...]:
    """The registries that share ids alone."""
    registries = []
    for shelf in shelves:
        if shelf.share is Share.ID:
            files = KeptRegistry(Path(shelf.folder), shelf.label, shelf.prefix).files()
            lessons = sum(file.kind is SourceKind.LESSON for file in files)
            registries.append(Withheld(shelf.prefix, shelf.label, lessons))
    return tuple(registries)


if __name__ == "__main__":
    main()
