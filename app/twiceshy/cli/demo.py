"""``twiceshy demo``: a scratch repository in which a pull request brings a famous incident back,
and its review.

Uses the same road as every check: real commits, real guards. Needs git; no account, no network.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from twiceshy.changes import git
from twiceshy.changes.programs import clean_environment, find_program
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.usage_error import UsageError
from twiceshy.lessons.famous import famous_folder
from twiceshy.verdicts.render.text import render
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, Conclusion, Report
from twiceshy.workspace import Workspace

PATH = "membership/renewals.py"

BEFORE = '''"""When memberships end."""

from datetime import date

from membership.model import Membership, new_key


def describe(member: str, ends: date) -> str:
    return f"{member} is a member until {ends:%d %B %Y}"
'''

BACK = '''

def renew(member: str, joined: date) -> Membership:
    """A membership that is valid for one more year."""
    expiry = joined.replace(year=joined.year + 1)
    return Membership(member, valid_from=joined, valid_to=expiry, key=new_key())
'''

FIXED = BACK.replace("joined.replace(year=joined.year + 1)", "joined + relativedelta(years=1)")

WHO = {
    "GIT_AUTHOR_NAME": "Robin",
    "GIT_AUTHOR_EMAIL": "robin@example.org",
    "GIT_COMMITTER_NAME": "Robin",
    "GIT_COMMITTER_EMAIL": "robin@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Scene:
    """A commit of the story, and what is said before it is judged."""

    introduction: str
    message: str
    text: str


PULL_REQUEST = Scene(
    "Robin opens a pull request: renewals, in a file of their own and under other names.",
    "Renew memberships for a year",
    BEFORE + BACK,
)
IMPORTED = "import date\n\nfrom dateutil.relativedelta import relativedelta\n"
FIX = Scene(
    "Robin reads it, and pushes a fix.",
    "Members who joined on a leap day can renew",
    BEFORE.replace("import date\n", IMPORTED) + FIXED,
)


def show_demo(keep: Path | None) -> int:
    """Build the repository, show both reviews; 0 when they went as the story says, else 2."""
    console = Console(highlight=False)
    folder = keep or Path(tempfile.mkdtemp(prefix="twiceshy-demo-"))
    if keep and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty: give a folder of its own")
    try:
        first, second = _play(folder, console)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    went_well = first.conclusion is Conclusion.FAILURE and second.conclusion is Conclusion.SUCCESS
    if not went_well:
        raise UsageError(
            "the demo did not go as it should: run `twiceshy lint` and report what it says"
        )
    if keep:
        console.print(
            f"The repository is in {keep}: `cd` there and try `twiceshy check --base main "
            "--explain`."
        )
    console.print(
        "Your own lessons next: `twiceshy init` in a repository, then `twiceshy check` on a branch."
    )
    return 0


def _play(folder: Path, console: Console) -> tuple[Report, Report]:
    _start(folder)
    console.print(
        Text("A repository with its lessons in lessons/ and rules/, and one small service.", "bold")
    )
    reports = []
    for scene in (PULL_REQUEST, FIX):
        _commit(folder, {PATH: scene.text}, scene.message)
        console.print(Text(f"\n{scene.introduction}", "bold"))
        report = _judge(folder)
        _show(report, console)
        reports.append(report)
    return reports[0], reports[1]


def _start(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    for name in ("lessons", "rules"):
        shutil.copytree(famous_folder() / name, folder / name)
    _commit(folder, {PATH: BEFORE}, "A service, and what others learned the hard way")
    _git(folder, "checkout", "--quiet", "-b", "renewals")


def _judge(folder: Path) -> Report:
    change = git.branch_change(folder, "main", "renewals")
    with Bar() as bar:
        workspace = Workspace.from_commit(folder, change.base, Settings())
        return workspace.open(bar, cache=folder / ".git" / "twiceshy").judge(change)


def _show(report: Report, console: Console) -> None:
    text = render(report, min(console.width, 110), color=console.is_terminal)
    if text:
        console.file.write(f"\n{text}")  # it is drawn already: nothing may wrap an address now
    if report.conclusion is Conclusion.FAILURE:
        guards = sorted(
            {
                guard
                for judged in report.shown
                for guard in (str(judged.finding.guard), *judged.also)
            }
        )
        blocked = sum(judged.action is Action.BLOCK for judged in report.findings)
        console.print(
            Text(
                f"The merge is blocked ({blocked} place). Found by: {', '.join(guards)}.",
                "bold red",
            )
        )
    else:
        console.print(Text("  Nothing: the guard is silent, the merge is free.", "green"))


def _commit(folder: Path, files: Mapping[str, str], message: str) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-gpg-sign", "--no-verify", "-m", message)


def _environment(folder: Path) -> dict[str, str]:
    """Of no other repository, even within a hook of one."""
    own = {
        name: value
        for name, value in clean_environment(folder).items()
        if not name.startswith("GIT_")
    }
    return {**own, **WHO}


def _git(folder: Path, *arguments: str) -> None:
    program = find_program("git", folder)
    if program is None:
        raise UsageError("the demo makes a repository with git, and git is not installed")
    try:
        subprocess.run(
            (str(program), *arguments),
            cwd=folder,
            check=True,
            capture_output=True,
            env=_environment(folder),
        )
    except subprocess.CalledProcessError as error:
        raise UsageError(
            f"git {arguments[0]} failed: {error.stderr.decode(errors='replace').strip()}"
        ) from error
