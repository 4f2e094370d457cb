"""The commands and their options. Each imports what it needs when it runs: ``twiceshy check``
starts often.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twiceshy.verdicts.formats import Format

app = typer.Typer(
    name="twiceshy",
    help="Once bitten, twice shy: holds every change against the lessons of past incidents.",
    epilog="Start with `twiceshy demo`, then `twiceshy init` in your repository.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Hook(StrEnum):
    """Which git hook ``check`` runs in."""

    PRE_COMMIT = "pre-commit"
    PRE_PUSH = "pre-push"
    PRE_RECEIVE = "pre-receive"


class FailOn(StrEnum):
    """From when on ``check`` exits with 1."""

    BLOCK = "block"
    COMMENT = "comment"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"


Registries = Annotated[
    list[Path] | None,
    typer.Option(
        "--registry",
        metavar="DIR",
        help="Folder with lessons/ and rules/; may be given more than once.",
    ),
]
Root = Annotated[
    Path | None, typer.Option("--root", metavar="DIR", help="The repository; default: around here.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from twiceshy.lessons.version import VERSION

        typer.echo(f"twiceshy {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Once bitten, twice shy: holds every change against the lessons of past incidents."""


@app.command()
def check(
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="Judge against this; default: origin/HEAD.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="REF", help="Judge this; default: HEAD.")
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="Judge what is staged for the next commit.")
    ] = False,
    worktree: Annotated[
        bool,
        typer.Option(
            "--worktree", help="Judge uncommitted work: changed and new files, staged or not."
        ),
    ] = False,
    hook: Annotated[
        Hook | None,
        typer.Option(
            "--hook", help="Judge what this git hook is about: the index, or what is pushed."
        ),
    ] = None,
    diff: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Judge a diff file; - reads it from here.")
    ] = None,
    root: Root = None,
    registry: Registries = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the report.")
    ] = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report here.")
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            help="Exit with 1 when something blocks, is said at all, or is said of such a severity."
        ),
    ] = FailOn.BLOCK,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each lesson spoke or kept silent.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the JSON report here.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also append the report as Markdown.")
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the report as SARIF.")
    ] = None,
) -> None:
    """Hold a change against the lessons.

    Judges a branch against its merge base, the index (--staged), uncommitted work (--worktree) or a
    diff file (--diff). Lessons, rules and .twiceshy.yml are read from the base, so a change cannot
    switch off its own guard; --registry names folders instead.

    Exit codes: 0 nothing blocks, 1 something blocks, 2 wrong use or broken configuration.
    """
    from twiceshy.cli.check import CheckOptions, check_change

    asked = CheckOptions(
        base=base,
        head=head,
        staged=staged,
        worktree=worktree,
        diff=diff,
        root=root,
        registries=tuple(registry or ()),
        format=str(output_format),
        output=output,
        fail_on=str(fail_on),
        explain=explain,
        extra=(("json", report), ("markdown", summary), ("sarif", sarif)),
    )
    if hook is not None:
        from twiceshy.cli.hooks import check_hook

        raise typer.Exit(check_hook(str(hook), asked))
    raise typer.Exit(check_change(asked))


@app.command()
def init(
    root: Root = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that exist.")] = False,
) -> None:
    """Write .twiceshy.yml, a first lesson with its rule, and the workflow file into a
    repository.
    """
    from twiceshy.cli.init import init_repository

    init_repository(root, force)


@app.command()
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATHS]", help="Lessons, rules or folders.")
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="First mend in lessons what needs no thinking, and say what."),
    ] = False,
) -> None:
    """Hold lessons and rules to their format: every problem with file, line and what to write
    instead.
    """
    from twiceshy.cli.lint import lint_paths, mend_paths

    if fix:
        mend_paths(tuple(paths or ()))
    raise typer.Exit(lint_paths(tuple(paths or ())))


@app.command()
def learn(
    fix: Annotated[
        str | None,
        typer.Argument(
            metavar="[FIX]",
            help="The commit that fixed it, a range A..B, a diff file, a pull request's URL.",
        ),
    ] = None,
    lesson_id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="The lesson's id; default: the next INC number."),
    ] = None,
    add_to: Annotated[
        str | None,
        typer.Option(
            "--add-to", metavar="ID", help="It came back: add this fix's evidence to a lesson."
        ),
    ] = None,
    post_mortem: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="A post-mortem to take the words from (Markdown)."
        ),
    ] = None,
    root: Root = None,
) -> None:
    """Draft a lesson from a fix: the code that failed, the code that fixed it, where it came from,
    and the questions.

    With --from the words of a post-mortem stand under the questions they answer; none of its text
    is lost.
    """
    from twiceshy.cli import learn
    from twiceshy.cli.usage_error import UsageError

    if add_to and (lesson_id or post_mortem):
        raise UsageError(
            "--id and --from are for a new lesson, --add-to for one that is there: give one of them"
        )
    if fix is None and add_to:
        raise UsageError(
            "name the commit that fixed the recurrence: twiceshy learn COMMIT --add-to ID"
        )
    if fix is None and post_mortem is None:
        raise UsageError(
            "name the commit that fixed it, or a post-mortem with --from FILE, or both"
        )
    if fix and add_to:
        learn.add_to(fix, add_to, root)
    elif fix:
        learn.learn_from(fix, lesson_id, root, post_mortem)
    elif post_mortem:
        learn.retell_from(post_mortem, lesson_id, root)


@app.command()
def promote(
    lesson_id: Annotated[str, typer.Argument(metavar="ID", help="The lesson.")],
    force: Annotated[
        str | None,
        typer.Option("--force", metavar="REASON", help="Do it all the same, and say why."),
    ] = None,
    root: Root = None,
) -> None:
    """One step up (draft, observe, comment, block) when lint, verify and backtest allow; its
    history says why.
    """
    from twiceshy.cli import promote as promoting

    raise typer.Exit(promoting.promote(lesson_id, force, root))


@app.command()
def autopsy(
    fix: Annotated[
        str,
        typer.Argument(
            metavar="FIX", help="The commit that fixed the new incident, a range, or a diff file."
        ),
    ],
    root: Root = None,
) -> None:
    """A new incident: covered and overridden, covered but too quiet, or not covered, and what would
    have changed it.
    """
    from twiceshy.cli.autopsy import autopsy_of

    autopsy_of(fix, root)


class TableFormat(StrEnum):
    """How ``verify`` writes its table."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"


@app.command()
def verify(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[IDS]", help="Lessons; default: all.")
    ] = None,
    root: Root = None,
    registry: Registries = None,
    output_format: Annotated[
        TableFormat, typer.Option("--format", help="How to write the table.")
    ] = TableFormat.TEXT,
    again: Annotated[
        bool, typer.Option("--again", help="Also those whose kept proof still holds.")
    ] = False,
) -> None:
    """Prove each lesson: its incident and other forms of it caught, the fix silent. Keeps proofs in
    lessons/proofs/.

    A proof goes stale when the evidence, a rule, Semgrep or recall changes; only stale and new ones
    are tried.
    """
    from twiceshy.cli.verify import VerifyOptions, verify_lessons

    asked = VerifyOptions(tuple(ids or ()), root, tuple(registry or ()), str(output_format), again)
    raise typer.Exit(verify_lessons(asked))


class SweepFormat(StrEnum):
    """How ``sweep`` writes what it found."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


@app.command()
def sweep(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATHS]", help="Files or folders; default: all.")
    ] = None,
    lesson: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this lesson; may be repeated.")
    ] = None,
    root: Root = None,
    registry: Registries = None,
    output_format: Annotated[
        SweepFormat, typer.Option("--format", help="How to write the places.")
    ] = SweepFormat.TEXT,
    update_baseline: Annotated[
        bool,
        typer.Option(
            "--update-baseline", help="Write what is found into .twiceshy-baseline.json instead."
        ),
    ] = False,
    every_place: Annotated[
        bool,
        typer.Option(
            "--every-place", help="Tell the lessons' own places and those in tests as well."
        ),
    ] = False,
) -> None:
    """Look for past failures in the whole tree: every tracked file, as if it had just been
    written.
    """
    from twiceshy.cli.sweep import SweepOptions, sweep_tree

    asked = SweepOptions(
        paths=tuple(paths or ()),
        lessons=tuple(lesson or ()),
        root=root,
        registries=tuple(registry or ()),
        format=str(output_format),
        update_baseline=update_baseline,
        every_place=every_place,
    )
    raise typer.Exit(sweep_tree(asked))


@app.command()
def backtest(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[IDS]", help="Lessons; default: all.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="REF|DATE", help="Only commits after this one, or after this day."),
    ] = None,
    commits: Annotated[
        int, typer.Option(min=1, metavar="N", help="At most so many, the newest.")
    ] = 500,
    every: Annotated[
        bool,
        typer.Option(
            "--every-commit",
            help="Commits of merged branches one by one, instead of each merge as one.",
        ),
    ] = False,
    root: Root = None,
    registry: Registries = None,
) -> None:
    """Replay the past: what each lesson would have said, how often, and what of it was mended
    since.

    A merge counts as one change, as its pull request did. What was judged is kept, so an
    interrupted replay goes on.
    """
    from twiceshy.cli.backtest import BacktestOptions
    from twiceshy.cli.backtest import backtest as replay_past

    asked = BacktestOptions(tuple(ids or ()), since, commits, every, root, tuple(registry or ()))
    raise typer.Exit(replay_past(asked))


class CoverageFormat(StrEnum):
    """How ``coverage`` writes what it found."""

    TEXT = "text"
    JSON = "json"


@app.command()
def coverage(
    root: Root = None,
    registry: Registries = None,
    output_format: Annotated[
        CoverageFormat, typer.Option("--format", help="How to write it.")
    ] = CoverageFormat.TEXT,
) -> None:
    """Say what guards each lesson: a self-checked rule, resemblance alone, only watching, or
    nothing and why; and where its failure stands today.
    """
    from twiceshy.cli.coverage import show_coverage

    show_coverage(root, tuple(registry or ()), str(output_format))


@app.command()
def search(
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT", help="Words, or code; - reads code from here.")
    ],
    root: Root = None,
    registry: Registries = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100, help="How many to show.")] = 10,
) -> None:
    """Find past lessons by words or by code."""
    from twiceshy.cli.search import show_matches

    show_matches(" ".join(text), root, tuple(registry or ()), most)


@app.command()
def relatives(
    lesson_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A lesson; default: groups over all.")
    ] = None,
    root: Root = None,
    registry: Registries = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100, help="How many to show.")] = 5,
) -> None:
    """Say what similar incidents have in common: code, services, tags, conditions, words."""
    from twiceshy.cli.relatives import show_relatives

    show_relatives(lesson_id, root, tuple(registry or ()), most)


@app.command()
def schema(
    of: Annotated[str, typer.Argument(metavar="[lesson|report]", help="Which schema.")] = "lesson",
) -> None:
    """Print the JSON Schema of a lesson's front matter (for editors) or of the JSON report."""
    from twiceshy.cli.schema import print_schema

    print_schema(of)


@app.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Build the scratch repository here; keep it.")
    ] = None,
) -> None:
    """Bring a famous incident back in a scratch repository, and show the review it would get."""
    from twiceshy.cli.demo import show_demo

    raise typer.Exit(show_demo(keep))


class Listing(StrEnum):
    """How ``dismissals`` writes its list."""

    TEXT = "text"
    JSON = "json"


@app.command()
def dismissals(
    repository: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="Only those given there.")
    ] = "",
    lesson: Annotated[str, typer.Option(metavar="ID", help="Only of this lesson.")] = "",
    ended: Annotated[
        bool, typer.Option("--ended", help="Also what was revoked, replaced, or is over.")
    ] = False,
    output_format: Annotated[
        Listing, typer.Option("--format", help="How to write the list.")
    ] = Listing.TEXT,
) -> None:
    """List what is silenced: by whom, where, why, until when, and how to revoke it.

    Reads the GitHub App's store, which TWICESHY_DATABASE_URL names.
    """
    from twiceshy.cli.dismissals import DismissalsOptions, show_dismissals

    show_dismissals(DismissalsOptions(repository, lesson, ended, str(output_format)))


@app.command()
def calibrate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="JSON or CSV with outcomes; default: the store's."),
    ] = None,
    root: Root = None,
    needed: Annotated[
        int, typer.Option("--min", metavar="N", min=1, help="Judged findings that are enough.")
    ] = 50,
    comment_precision: Annotated[
        float, typer.Option(metavar="P", min=0.5, max=0.999, help="Promised by comment_at.")
    ] = 0.90,
    block_precision: Annotated[
        float, typer.Option(metavar="P", min=0.5, max=0.999, help="Promised by block_at.")
    ] = 0.98,
    write: Annotated[
        bool, typer.Option("--write", help="Write the thresholds into .twiceshy.yml.")
    ] = False,
    output_format: Annotated[
        Listing, typer.Option("--format", help="How to write the figures.")
    ] = Listing.TEXT,
) -> None:
    """Hold recall's scores against what became of your own findings, and propose thresholds.

    Reads the GitHub App's store, which TWICESHY_DATABASE_URL names, or a FILE with what its
    /api/v1/outcomes answers. Needs the extra `calibrate`. Exit codes: 0 thresholds are proposed,
    1 too little is known.
    """
    from twiceshy.cli.calibrate import CalibrateOptions
    from twiceshy.cli.calibrate import calibrate as hold_against_outcomes
    from twiceshy.verdicts.settings import RecallSettings

    promised = RecallSettings(comment_precision, block_precision)
    asked = CalibrateOptions(file, root, needed, promised, write, str(output_format))
    raise typer.Exit(hold_against_outcomes(asked))


@app.command()
def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="Listen here.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=1, max=65535, help="Listen on this port.")
    ] = 8000,
) -> None:
    """Run the GitHub App: webhooks, pages, and a worker in the same process. Its settings come from
    the environment.
    """
    from twiceshy.cli.serve import run_service

    raise typer.Exit(run_service(host, port))


@app.command()
def worker(
    metrics_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            envvar="TWICESHY_METRICS_PORT",
            help="Serve this process's /metrics here; 0: not at all.",
        ),
    ] = 0,
    metrics_host: Annotated[
        str,
        typer.Option(
            metavar="HOST", envvar="TWICESHY_METRICS_HOST", help="Serve them on this address."
        ),
    ] = "127.0.0.1",
) -> None:
    """Run a worker of the GitHub App alone: any number of them share the work over PostgreSQL."""
    from twiceshy.cli.serve import run_service

    raise typer.Exit(run_service(None, figures=(metrics_host, metrics_port)))


@app.command()
def doctor(root: Root = None) -> None:
    """Is my guard on? Examines this repository's guard, and the GitHub App where it is set up. Says
    what to do.

    Looks at base, settings, registries, lessons, Semgrep, parser, cache, what starts it, and tries
    a lesson's own failing code. Exit codes: 0 on, 2 off, 1 when only the App's set-up lacks
    something.
    """
    from twiceshy.cli.doctor import examine

    raise typer.Exit(examine(root))
