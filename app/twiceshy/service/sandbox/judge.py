"""The judging process: reads a case, judges it as the command line does, writes the publication.
Talks to nobody else.
"""

import sys
from dataclasses import replace
from pathlib import Path

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.diff import parse_patch, reverse_apply
from twiceshy.changes.git_host import BareHostTree
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.lessons.time_limits import bound_memory
from twiceshy.publishing.publication import publication
from twiceshy.publishing.values import Publication
from twiceshy.service.faults import fault_of
from twiceshy.service.jobs.feedback_memory import memory_of, with_rights
from twiceshy.service.sandbox.launcher import HostRef, JudgeRequest
from twiceshy.verdicts.settings import FILE_NAME
from twiceshy.workspace import Workspace

MEMORY_BYTES = 6 << 30
ATTRIBUTES = ".gitattributes"


def main() -> None:
    """Judge the case on standard input."""
    bound_memory(MEMORY_BYTES)
    try:
        request = from_json(sys.stdin.buffer.read(), JudgeRequest)
        sys.stdout.buffer.write(as_json(judge(request)))
    except Exception as error:  # noqa: BLE001 - its last words are for the log
        sys.stderr.buffer.write(b"\n" + as_json(fault_of(error)) + b"\n")
        sys.exit(1)


def judge(request: JudgeRequest) -> Publication:
    """What is to be published of a case."""
    workspace = Workspace.from_copies(request.shelves, request.settings)
    settings = workspace.settings
    change = workspace.marked(_change(request))
    guard = workspace.open(cache=Path(request.cache))
    report = guard.judge(change, memory=memory_of(request, settings, guard.index.lesson))
    report = workspace.shown(report, change, guard)
    report = replace(report, problems=(*request.problems, *workspace.problems, *report.problems))
    published = publication(report, change, request.repository_url, request.author)
    return with_rights(published, guard.index.lesson, request, settings)


def _change(request: JudgeRequest) -> Change:
    files: list[FileChange] = []
    unseen = list(request.not_looked_at)
    for given in request.files:
        parsed = parse_patch(given.path, given.patch or "", given.status, given.previous)
        files += [replace(file, binary=given.patch is None) for file in parsed.files]
        unseen += parsed.not_looked_at
    before = {file.base_path: file for file in files if file.status is not Status.ADDED}

    def base(path: str) -> str | None:
        if path in (ATTRIBUTES, FILE_NAME):
            return request.attributes if path == ATTRIBUTES else request.settings
        file = before.get(path)
        if file is None or file.binary or file.submodule:
            return None
        text = "" if file.status is Status.DELETED else request.texts.get(file.path)
        return None if text is None else reverse_apply(text, file)

    return Change(
        tuple(files),
        request.texts.get,
        base,
        request.base,
        request.head,
        not_looked_at=tuple(unseen),
        host=_host(request.host),
    )


def _host(host: HostRef | None) -> BareHostTree | None:
    return BareHostTree(Path(host.folder), host.commit, host.name) if host else None


if __name__ == "__main__":
    main()
