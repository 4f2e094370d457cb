"""The report for a person at a terminal: the code drawn, the story in a line, what worked. Silent
when all is well.

Content never becomes markup or control codes; only this module decides what is coloured.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import zip_longest
from textwrap import dedent

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from twiceshy.guards.finding import GAP
from twiceshy.lessons.languages import language_named, language_of_path
from twiceshy.verdicts.render.escape import (
    first_lines,
    one_line,
    one_line_path,
    plain_link,
    printable,
)
from twiceshy.verdicts.render.escape_lines import escape_lines
from twiceshy.verdicts.render.markdown import MOST_ALIKE, count, headline, meant
from twiceshy.verdicts.verdict import Action, Conclusion, Excerpt, JudgedFinding, Report

_STYLE = {Action.BLOCK: "bold red", Action.COMMENT: "bold yellow"}
_WORD = {Action.BLOCK: "BLOCKS", Action.COMMENT: "HEADS UP"}
_SUM = {
    Conclusion.FAILURE: "bold red",
    Conclusion.NEUTRAL: "bold yellow",
    Conclusion.SUCCESS: "green",
}
MOST_LINE = 300
MOST_SUGGESTED = 12
MOST_BRIEF = 20
MOST_BESIDE = 8

MOST_PROSE = 400
MOST_ADDRESS = 2_000
TAB = 4
NAME_SHARE = 0.4
"""Of the width: a longer name stands over what is said of it."""

INDENT, BETWEEN = 6, 2
"""Cells before code that is compared, and between its two sides."""

GUTTER = 14
"""Cells that bar, line number and plus take."""


def render(report: Report, width: int = 100, *, color: bool = False) -> str:
    """The report; empty when there is nothing to say, nothing to mend and nothing to explain.

    No line is wider than ``width`` cells but those that hold an address: one that is cut or wrapped
    leads nowhere.
    """
    silent = not report.problems and not report.explain and not report.escapes
    if report.conclusion is Conclusion.SUCCESS and silent:
        return ""
    stream = StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
        color_system="256" if color else None,
        legacy_windows=False,
    )
    for part in _parts(report, color, width):
        # a text is broken already where it may be
        console.print(part, crop=False, no_wrap=isinstance(part, Text), overflow="ignore")
    lines = [line.rstrip() for line in stream.getvalue().split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _parts(report: Report, color: bool, width: int) -> Iterator[RenderableType]:
    inline = [judged for judged in report.shown if judged.inline]
    for judged in inline:
        yield from _finding(judged, report.excerpts.get(judged.fingerprint), color, width)
    brief = [judged for judged in report.shown if not judged.inline]
    for judged in brief[:MOST_BRIEF]:
        yield from _brief(judged, width)
    if len(brief) > MOST_BRIEF:
        yield Text(f"… and {len(brief) - MOST_BRIEF} more places", "dim")
    yield from _escaped(report, width)
    if report.alike:
        yield from _indented(_also(report), 0, width)
    for problem in report.problems:
        yield from _indented(Text(f"! {one_line(str(problem), 500)}", "yellow"), 0, width)
    if report.explain:
        yield from _explained(report, width)
    yield Text("")
    yield from _indented(Text(_closing(report), _SUM[report.conclusion]), 0, width)


def _finding(
    judged: JudgedFinding, excerpt: Excerpt | None, color: bool, width: int
) -> Iterator[RenderableType]:
    finding = judged.finding
    yield Rule(_title(judged, width), align="left", style=_STYLE[judged.action].split()[-1])
    where = Text(f"  {one_line_path(finding.path)}:{finding.start_line}", "cyan")
    yield from _beside_or_under(where, Text(one_line(finding.headline)), width)
    if excerpt and excerpt.lines:
        yield Padding(_code(judged, excerpt, color, width), (1, 0))
    if finding.then:
        yield from _compared(judged, excerpt, color, width)
        yield Text("")
    yield from _facts(judged, width)
    yield Text("")


def _title(judged: JudgedFinding, width: int) -> Text:
    """What it is about in one line; when that is too long the lesson's title is cut, and nothing
    else.
    """
    lesson = judged.lesson
    word, name = f" {_WORD[judged.action]} ", f"{one_line(lesson.id)} "
    weight = f" ({', '.join(filter(None, (lesson.severity, judged.backing)))}) "
    title = Text(one_line(lesson.title))
    title.truncate(max(1, width - cell_len(word + name + weight) - 2), overflow="ellipsis")
    return Text.assemble((word, _STYLE[judged.action]), (name, "bold"), title, (weight, "dim"))


def _beside_or_under(first: Text, second: Text, width: int) -> Iterator[Text]:
    """Two texts in one line with two blanks between, or where they do not fit, one under the
    other.
    """
    if first.cell_len + 2 + second.cell_len <= width:
        yield Text.assemble(first, "  ", second)
        return
    yield first
    yield from _indented(second, 2, width)


def _indented(text: Text, indent: int, width: int) -> Iterator[Text]:
    """Prose, broken between its words; a path or an address that is too long stands out."""
    room = max(1, width - indent)
    if any("/" in word and cell_len(word) > room for word in text.plain.split()):
        lines = text.divide(_breaks(text.plain, room))
    else:
        lines = text.wrap(Console(file=StringIO()), room, overflow="fold")
    for line in lines:
        line.rstrip()
        yield Text.assemble(" " * indent, line)


def _breaks(text: str, room: int) -> list[int]:
    """Where lines begin that hold whole words and are, where these allow, not over the room."""
    breaks: list[int] = []
    used = 0
    for word in re.finditer(r"\S+\s*", text):
        if used and used + cell_len(word[0].rstrip()) > room:
            breaks.append(word.start())
            used = 0
        used += cell_len(word[0])
    return breaks


def _compared(
    judged: JudgedFinding, excerpt: Excerpt | None, color: bool, width: int
) -> Iterator[RenderableType]:
    """The lesson's lines that decided and the change's: side by side where whole lines fit, else
    one under the other.
    """
    finding = judged.finding
    then = _Side(f"{one_line(judged.lesson.id)}, then", _aligned(finding.then))
    now = _Side("this change, now", _aligned(meant(finding, excerpt)))
    lacks = [_plain(line) for line in finding.lacks]
    left = max(then.width, *(cell_len(line) for line in lacks), 0)
    if INDENT + left + BETWEEN + now.width <= width:
        yield _side_by_side(then, now, lacks, finding.path, color)
        return
    for side in (then, now):
        yield Text(f"  {side.name}", "dim")
        for line in side.lines:
            yield Text.assemble(
                " " * INDENT, _highlighted(line, finding.path, color, width - INDENT)
            )
    if lacks:
        yield Text("  what fixed it, not here", "dim")
    for line in lacks:
        yield Text.assemble(
            ("  + ", "green"), "  ", _highlighted(line, finding.path, color, width - INDENT)
        )


@dataclass(frozen=True)
class _Side:
    """One of two codes that are compared."""

    name: str
    lines: Sequence[str]

    @property
    def width(self) -> int:
        """In cells, of its widest line."""
        return max(map(cell_len, (self.name, *self.lines)))


def _side_by_side(
    then: _Side, now: _Side, lacks: Sequence[str], path: str, color: bool
) -> RenderableType:
    table = Table.grid(padding=(0, BETWEEN, 0, 0))
    table.add_column(width=INDENT - BETWEEN)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_row("", Text(then.name, "dim"), Text(now.name, "dim"))
    for line in zip_longest(then.lines, now.lines, fillvalue=""):
        table.add_row("", *(_highlighted(side, path, color, MOST_LINE) for side in line))
    for text in lacks:
        table.add_row(
            Text("  + ", "green"),
            _highlighted(text, path, color, MOST_LINE),
            Text("not here", "dim"),
        )
    return table


def _aligned(lines: Iterable[str]) -> list[str]:
    """Code as it is drawn, without the indentation that all of it has; a mark stands for what is
    left out.
    """
    code = [_plain(line) for line in dedent("\n".join(lines)).split("\n")]
    return [*code[:MOST_BESIDE], GAP] if len(code) > MOST_BESIDE else code


def _plain(line: str) -> str:
    """A line of code with harmless characters only, and blanks up to every fourth cell for its
    tabs.
    """
    drawn = ""
    for number, part in enumerate(printable(line[:MOST_LINE]).split("\t")):
        drawn += " " * (TAB - cell_len(drawn) % TAB) * (number > 0) + part
    return drawn.rstrip()


def _code(judged: JudgedFinding, excerpt: Excerpt, color: bool, width: int) -> RenderableType:
    """The lines with their numbers, a plus on what was added and a bar beside what the finding is
    about.
    """
    finding = judged.finding
    table = Table.grid(padding=0)
    for _ in range(4):
        table.add_column(no_wrap=True, overflow="ellipsis")
    for number, line in enumerate(excerpt.lines, excerpt.first_line):
        meant = finding.start_line <= number <= finding.end_line
        bar = Text("  ┃ " if meant else "  │ ", _STYLE[judged.action] if meant else "dim")
        plus = Text("+ " if number in excerpt.added else "  ", "green")
        table.add_row(
            bar,
            Text(f"{number:>5} ", "dim"),
            plus,
            _highlighted(line, finding.path, color, width - GUTTER),
        )
    left = finding.end_line - (excerpt.first_line + len(excerpt.lines) - 1)
    if left > 0:
        table.add_row(
            Text("  ┃ ", _STYLE[judged.action]),
            "",
            "",
            Text(f"… {left} more line{'' if left == 1 else 's'}", "dim"),
        )
    return table


def _highlighted(line: str, path: str, color: bool, room: int) -> Text:
    text = _plain(line)
    language = language_of_path(path)
    if text.strip() == GAP:
        drawn = Text(text, "dim")
    elif not color or language is None:
        drawn = Text(text)
    else:
        lexer = language_named(language).highlighter or language
        drawn = Syntax("", lexer, theme="ansi_dark").highlight(text)
    drawn.rstrip()
    drawn.truncate(room, overflow="ellipsis")  # counts cells: a wide letter takes two
    return drawn


def _facts(judged: JudgedFinding, width: int) -> Iterator[Text]:
    finding, lesson = judged.finding, judged.lesson
    facts = [("What happened", lesson.summary), ("What worked", lesson.mitigation)]
    facts += [("Why", line) for line in finding.why.split("\n") if line.strip()]
    if finding.suggestion is not None:
        suggestion = first_lines(finding.suggestion, MOST_SUGGESTED, MOST_LINE)
        facts += [("Instead", line) for line in suggestion.split("\n")]
    if judged.also:
        facts.append(("Also seen by", ", ".join(judged.also)))
    facts += [("Read more", judged.url or lesson.source)]
    facts_given = [(name, value) for name, value in facts if value]
    room = max(len(name) for name, _ in facts_given) + 3
    last = ""
    for name, value in facts_given:
        label = Text(f"  {name if name != last else '':{room - 2}}", "dim")
        for line in _fact(name, value, room, width):
            yield Text.assemble(label, line)
            label = Text(" " * room)
        last = name


def _fact(name: str, value: str, indent: int, width: int) -> Iterator[Text]:
    """What stands after a fact's name: an address whole, code in a line of its own, prose in as
    many as it needs.
    """
    if name == "Read more":
        yield _address(value)
    elif name == "Instead":
        code = Text(_plain(value), "green")
        code.truncate(width - indent, overflow="ellipsis")
        yield code
    else:
        yield from _indented(Text(one_line(value, MOST_PROSE)), 0, width - indent)


def _address(value: str) -> Text:
    shown = one_line(value, MOST_ADDRESS)
    return Text(shown, f"link {value}" if plain_link(value) else "")


def _brief(judged: JudgedFinding, width: int) -> Iterator[Text]:
    finding = judged.finding
    where = Text.assemble(
        ("· ", _STYLE[judged.action]),
        (f"{one_line_path(finding.path)}:{finding.start_line}", "cyan"),
    )
    address = _address(judged.url or judged.lesson.source)
    address.stylize("dim")
    *above, last = _beside_or_under(where, Text(one_line(finding.headline)), width)
    yield from above
    if last.cell_len + 2 + address.cell_len <= width:
        yield Text.assemble(last, "  ", address)
    else:
        yield last
        yield Text.assemble("  ", address)


def _escaped(report: Report, width: int) -> Iterator[Text]:
    for line in escape_lines(report):
        yield from _indented(Text(f"~ {one_line(line, 500)}", "yellow"), 0, width)


def _also(report: Report) -> Text:
    alike: list[str] = []
    for judged in report.alike[:MOST_ALIKE]:
        where = f"{one_line_path(judged.finding.path)}:{judged.finding.start_line}"
        alike.append(f"{one_line(judged.lesson.id)} at {where} ({judged.finding.score:.2f})")
    more = f" and {len(report.alike) - MOST_ALIKE} more" if len(report.alike) > MOST_ALIKE else ""
    return Text(f"Also looked alike, not enough to say: {', '.join(alike)}{more}", "dim")


def _explained(report: Report, width: int) -> Iterator[RenderableType]:
    rows: list[tuple[str, Text]] = []
    for judged in report.findings:
        if judged.action is Action.OBSERVE:
            where = f"{one_line_path(judged.finding.path)}:{judged.finding.start_line}"
            reason = "; ".join(filter(None, (judged.reason, judged.finding.held_back)))
            rows.append((judged.lesson.id, Text(f"observed at {where}: {one_line(reason)}")))
    rows += [(silence.subject, Text(one_line(silence.reason), "dim")) for silence in report.lessons]
    for silence in report.skipped:
        rows.append((silence.subject, Text(f"not looked at: {one_line(silence.reason)}", "dim")))
    if rows:
        yield Text("\nWhy the others kept silent", "bold")
        yield from _named(rows, width)


def _named(rows: Sequence[tuple[str, Text]], width: int) -> Iterator[Text]:
    """Texts beside their names; a name that is too long for that stands over its text."""
    names = [one_line_path(name) for name, _ in rows]
    fitting = [cell_len(name) for name in names if cell_len(name) <= width * NAME_SHARE]
    room = max(fitting, default=0) + 2
    for name, (_, text) in zip(names, rows, strict=True):
        label = Text(name + " " * (room - cell_len(name)))
        if cell_len(name) > room - 2:
            yield Text(name)
            label = Text(" " * room)
        for line in _indented(text, 0, width - room):
            yield Text.assemble(label, line)
            label = Text(" " * room)


def _closing(report: Report) -> str:
    stats = report.stats
    verdict = headline(report)
    lessons, files = count(stats.lessons, "lesson"), count(stats.files, "file")
    rules = f"{count(stats.rules_run, 'rule')} run"
    return (
        f"{verdict[0].upper()}{verdict[1:]} "
        f"({lessons}, {files}, {rules}, {stats.seconds.total:.2f} s)"
    )
