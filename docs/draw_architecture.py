"""Draws ``docs/architecture.svg`` from the imports of ``app/``: layers, packages, and who uses
whom. Runs nothing of it.

    python docs/draw_architecture.py            # write it
    python docs/draw_architecture.py --check    # exit 1 when it is not what the imports say

Layers are those of pyproject.toml, which import-linter holds. At the foot of a package stand the
packages it imports from. What changes with every line (counts) is not drawn.
"""

import ast
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "app" / "twiceshy"
PICTURE = ROOT / "docs" / "architecture.svg"

WIDTH, MARGIN, GAP, PADDING = 1080, 16, 12, 12
LETTER_WIDTH = 6.7
"""Of the small type, which is the widest monospaced font's 10.5 px and a little more."""

NAME_LINE, SMALL_LINE = 20, 14

STYLE = """
text { font: 10.5px ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
text { fill: #1f2328; }
.name { font-weight: 700; font-size: 14px; }
.modules { fill: #59636e; }
.uses { fill: #0969da; }
.package { fill: #f6f8fa; stroke: #818b98; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .modules { fill: #9198a1; } .uses { fill: #4493f8; }
  .package { fill: #151b23; stroke: #656c76; }
}
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A folder, or a module of its own, at the top of the source."""

    name: str
    modules: tuple[str, ...]  # and folders, with a slash behind them
    uses: tuple[str, ...]  # other packages, in the order of the layers


@dataclass(frozen=True, slots=True)
class Box:
    """A package with its text as it is wrapped, and where it is drawn."""

    package: Package
    left: float
    width: float

    @property
    def modules(self) -> list[str]:
        """The lines that name what is inside."""
        return self._wrapped("  ".join(self.package.modules))

    @property
    def uses(self) -> list[str]:
        """The lines that name what it imports from."""
        if not self.package.uses:
            return []
        return self._wrapped("uses  " + "  ".join(self.package.uses))

    @property
    def height(self) -> int:
        """What it needs; a layer is as high as its highest box."""
        lines = len(self.modules) + len(self.uses)
        return 2 * PADDING + NAME_LINE + SMALL_LINE * lines

    def _wrapped(self, line: str) -> list[str]:
        letters = int((self.width - 2 * PADDING) / LETTER_WIDTH)
        return textwrap.wrap(line, letters, break_on_hyphens=False)


def layers() -> list[list[str]]:
    """The names of the packages, highest layer first, as the layers contract has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip(" ()") for name in row.split("|")] for row in rows]


def package_named(name: str, names: list[str]) -> Package:
    """A package with what is in it and whom it uses."""
    folder = SOURCE / name
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [SOURCE / f"{name}.py"]
    targets = {target for path in files for target in imported_packages(path)}
    uses = tuple(other for other in names if other in targets and other != name)
    return Package(name, tuple(_modules(folder)), uses)


def _modules(folder: Path) -> Iterator[str]:
    """What is in a folder, as it is called there; nothing of a module."""
    for path in sorted(folder.glob("*")):
        if path.suffix == ".py" and path.stem != "__init__":
            yield path.stem
        elif (path / "__init__.py").exists():
            yield f"{path.name}/"


def imported_packages(path: Path) -> Iterator[str]:
    """The packages of ours that a file imports from, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        root, *inside = node.module.split(".")
        if root == "twiceshy" and inside:
            yield inside[0]
        elif root == "twiceshy":
            yield from (alias.name for alias in node.names)


def rows_of_boxes() -> list[list[Box]]:
    """A row for each layer, packages side by side."""
    rows = layers()
    names = [name for row in rows for name in row]
    return [_row([package_named(name, names) for name in row]) for row in rows]


def _row(packages: list[Package]) -> list[Box]:
    width = (WIDTH - 2 * MARGIN - GAP * (len(packages) - 1)) / len(packages)
    boxes = []
    for column, package in enumerate(packages):
        boxes.append(Box(package, MARGIN + column * (width + GAP), width))
    return boxes


def drawing() -> str:
    """The whole picture."""
    parts: list[str] = []
    top = MARGIN
    for row in rows_of_boxes():
        height = max(box.height for box in row)
        for box in row:
            parts += _box(box, top, height)
        top += height + GAP
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top - GAP + MARGIN}"'
        ' role="img" aria-label="The layers of twiceshy: a package imports only from the layers'
        ' under it">'
    )
    return "\n".join([opening, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _box(box: Box, top: int, height: int) -> Iterator[str]:
    yield (
        f'<rect class="package" x="{box.left:.0f}" y="{top}" width="{box.width:.0f}"'
        f' height="{height}" rx="6"/>'
    )
    left = box.left + PADDING
    line_end = top + PADDING + NAME_LINE - 6
    yield _text("name", left, line_end, box.package.name)
    for line in box.modules:
        line_end += SMALL_LINE
        yield _text("modules", left, line_end, line)
    line_end = top + height - PADDING - SMALL_LINE * len(box.uses)
    for line in box.uses:
        line_end += SMALL_LINE
        yield _text("uses", left, line_end, line)


def _text(kind: str, left: float, line_end: float, line: str) -> str:
    return (
        f'<text class="{kind}" x="{left:.0f}" y="{line_end:.0f}" xml:space="preserve">'
        f"{escape(line)}</text>"
    )


def main(arguments: list[str]) -> int:
    """Write the picture, or say whether it is what the imports say."""
    picture = drawing()
    if "--check" in arguments:
        return int(PICTURE.read_text(encoding="utf-8") != picture)
    PICTURE.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
