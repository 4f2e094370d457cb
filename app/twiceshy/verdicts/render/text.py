"""The report for a person at a terminal: the code drawn, the story in a line, what worked. Silent when all is well.

Content never becomes markup or control codes; only this module decides what is coloured.
"""

from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import zip_longest
from textwrap import dedent

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from twiceshy.lessons.languages import of_path
from twiceshy.verdicts.render.escape import first_lines, one_line, place, printable
from twiceshy.verdicts.render.escaped import escape_lines
from twiceshy.verdicts.render.markdown import MOST_ALIKE, count, headline, meant
from twiceshy.verdicts.verdict import Action, Conclusion, Excerpt, Judged, Report

_STYLE = {Action.BLOCK: "bold red", Action.COMMENT: "bold yellow"}
_WORD = {Action.BLOCK: "BLOCKS", Action.COMMENT: "HEADS UP"}
_SUM = {Conclusion.FAILURE: "bold red", Conclusion.NEUTRAL: "bold yellow", Conclusion.SUCCESS: "green"}
MOST_LINE = 300
MOST_SUGGESTED = 12
MOST_BRIEF = 20
MOST_BESIDE = 8

SIDES = 72
"""Columns under which two codes beside each other cannot be read."""


GUTTER = 14
"""Columns that bar, line number and plus take."""


def render(report: Report, width: int = 100, *, color: bool = False) -> str:
    """The report; empty when there is nothing to say, nothing to mend and nothing to explain."""
    silent = not report.problems and not report.explain and not report.escapes
    if report.conclusion is Conclusion.SUCCESS and silent:
        return ""
    stream = StringIO()
    console = Console(
        file=stream, width=width, force_terminal=color, no_color=not color, highlight=False, emoji=False, markup=False,
        color_system="256" if color else None, legacy_windows=False,
    )  # fmt: skip
    for part in _parts(report, color, width):
        console.print(part)
    lines = [line.rstrip() for line in stream.getvalue().split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _parts(report: Report, color: bool, width: int) -> Iterator[RenderableType]:
    inline = [judged for judged in report.shown if judged.inline]
    for judged in inline:
        yield _finding(judged, report.excerpts.get(judged.fingerprint), color, width)
    brief = [judged for judged in report.shown if not judged.inline]
    for judged in brief[:MOST_BRIEF]:
        yield _brief(judged)
    if len(brief) > MOST_BRIEF:
        yield Text(f"… and {len(brief) - MOST_BRIEF} more places", "dim")
    yield from _escaped(report)
    if report.alike:
        yield _also(report)
    for problem in report.problems:
        yield Text.assemble(("! ", "yellow"), (one_line(str(problem), 500), "yellow"))
    if report.explain:
        yield from _explained(report)
    yield Text(f"\n{_closing(report)}", _SUM[report.conclusion])


def _finding(judged: Judged, excerpt: Excerpt | None, color: bool, width: int) -> RenderableType:
    finding, lesson = judged.finding, judged.lesson
    style = _STYLE[judged.action]
    title = Text.assemble((f" {_WORD[judged.action]} ", style), (f"{lesson.id} ", "bold"), one_line(lesson.title, 80),
                          (f" ({', '.join(filter(None, (lesson.severity, judged.backing)))}) ", "dim"))  # fmt: skip
    parts: list[RenderableType] = [
        Rule(title, align="left", style=style.split()[-1]),
        Text.assemble("  ", (f"{place(finding.path)}:{finding.start_line}", "cyan"), f"  {one_line(finding.headline)}"),
    ]
    if excerpt and excerpt.lines:
        parts.append(Padding(_code(judged, excerpt, color, width), (1, 0)))
    if finding.then and width >= SIDES:
        parts.append(Padding(_side_by_side(judged, excerpt, color, width), (0, 0, 1, 0)))
    parts.append(_facts(judged))
    return Group(*parts, Text(""))


def _side_by_side(judged: Judged, excerpt: Excerpt | None, color: bool, width: int) -> RenderableType:
    """The lesson's lines that decided beside the change's, and under them what of the fix is not here."""
    finding = judged.finding
    room = (width - 8) // 2
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=4)
    for _ in range(2):
        table.add_column(overflow="fold", width=room)
    table.add_row("", Text(f"{one_line(judged.lesson.id, room)}, then", "dim"), Text("this change, now", "dim"))
    for line in zip_longest(_aligned(finding.then), _aligned(meant(finding, excerpt)), fillvalue=""):
        table.add_row("", *(_highlighted(side, finding.path, color, 2 * room) for side in line))
    for text in finding.lacks:
        table.add_row(Text("  + ", "green"), _highlighted(text, finding.path, color, 2 * room), Text("not here", "dim"))
    return table


def _aligned(lines: Iterable[str]) -> list[str]:
    return dedent("\n".join(lines)).split("\n")[:MOST_BESIDE]


def _code(judged: Judged, excerpt: Excerpt, color: bool, width: int) -> RenderableType:
    """The lines with their numbers, a plus on what was added and a bar beside what the finding is about."""
    finding = judged.finding
    table = Table.grid(padding=0)
    for _ in range(4):
        table.add_column(no_wrap=True, overflow="ellipsis")
    for number, line in enumerate(excerpt.lines, excerpt.first_line):
        meant = finding.start_line <= number <= finding.end_line
        bar = Text("  ┃ " if meant else "  │ ", _STYLE[judged.action] if meant else "dim")
        plus = Text("+ " if number in excerpt.added else "  ", "green")
        table.add_row(bar, Text(f"{number:>5} ", "dim"), plus, _highlighted(line, finding.path, color, width - GUTTER))
    left = finding.end_line - (excerpt.first_line + len(excerpt.lines) - 1)
    if left > 0:
        table.add_row(
            Text("  ┃ ", _STYLE[judged.action]), "", "", Text(f"… {left} more line{'' if left == 1 else 's'}", "dim")
        )
    return table


def _highlighted(line: str, path: str, color: bool, room: int) -> Text:
    text = printable(line[:MOST_LINE]).expandtabs(4)
    language = of_path(path)
    if not color or language is None:
        drawn = Text(text)
    else:
        lexer = {"hcl": "terraform", "properties": "ini"}.get(language, language)
        drawn = Syntax("", lexer, theme="ansi_dark").highlight(text)
    drawn.rstrip()
    drawn.truncate(room, overflow="ellipsis")  # counts columns: a wide letter takes two
    return drawn


def _facts(judged: Judged) -> RenderableType:
    finding, lesson = judged.finding, judged.lesson
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    facts = [("What happened", lesson.summary), ("What worked", lesson.mitigation)]
    facts += [("Why", line) for line in finding.why.split("\n") if line.strip()]
    if finding.suggestion is not None:
        facts += [("Instead", line) for line in first_lines(finding.suggestion, MOST_SUGGESTED, MOST_LINE).split("\n")]
    if judged.also:
        facts.append(("Also seen by", ", ".join(judged.also)))
    facts += [("Read more", judged.url or lesson.source)]
    last = ""
    for name, value in facts:
        if value:
            keep = name == "Instead"
            shown = printable(value[:MOST_LINE]) if keep else one_line(value, 400)
            table.add_row(f"  {name}" if name != last else "", Text(shown, "green" if keep else ""))
            last = name
    return table


def _brief(judged: Judged) -> Text:
    finding = judged.finding
    where = f"{place(finding.path)}:{finding.start_line}"
    return Text.assemble(("· ", _STYLE[judged.action]), (where, "cyan"), f"  {one_line(finding.headline)}",
                         (f"  {judged.url or judged.lesson.source}", "dim"))  # fmt: skip


def _escaped(report: Report) -> Iterator[Text]:
    for line in escape_lines(report):
        yield Text.assemble(("~ ", "yellow"), (one_line(line, 500), "yellow"))


def _also(report: Report) -> Text:
    told = [f"{one_line(each.lesson.id)} at {place(each.finding.path)}:{each.finding.start_line} ({each.finding.score:.2f})"
            for each in report.alike[:MOST_ALIKE]]  # fmt: skip
    more = f" and {len(report.alike) - MOST_ALIKE} more" if len(report.alike) > MOST_ALIKE else ""
    return Text(f"Also looked alike, not enough to say: {', '.join(told)}{more}", "dim")


def _explained(report: Report) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for judged in report.findings:
        if judged.action is Action.OBSERVE:
            where = f"{place(judged.finding.path)}:{judged.finding.start_line}"
            table.add_row(one_line(judged.lesson.id), Text(f"observed at {where}: {one_line(judged.reason)}"))
    for silence in report.lessons:
        table.add_row(one_line(silence.subject), Text(one_line(silence.reason), "dim"))
    for silence in report.skipped:
        table.add_row(one_line(silence.subject), Text(f"not looked at: {one_line(silence.reason)}", "dim"))
    if table.row_count:
        yield Text("\nWhy the others kept silent", "bold")
        yield table


def _closing(report: Report) -> str:
    stats = report.stats
    word = headline(report)
    return (
        f"{word[0].upper()}{word[1:]} ({count(stats.lessons, 'lesson')}, {count(stats.files, 'file')}, "
        f"{count(stats.rules_run, 'rule')} run, {stats.seconds.total:.2f} s)"
    )
