"""``lint --fix``: slips of the pen are mended, and said; what somebody meant is left alone."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples import LESSON, REGISTRY
from twiceshy.cli.main import run
from twiceshy.learning.lint.autofix import mended
from twiceshy.lessons.lesson_reader import read_lesson

SLIPS = """---
id: INC-1
titel: A slow partner
date: 2026/5/4
Severity: High
mode: coment
mitigations: Give it a timeout
---
It hung.

```bad python
reply = requests.post(PARTNER, json=order)
```

```pyton good
reply = requests.post(PARTNER, json=order, timeout=3)
```
"""


def test_slips_are_mended_and_said() -> None:
    text, done = mended(SLIPS)
    assert (
        text
        == """---
id: INC-1
title: A slow partner
date: 2026-05-04
severity: high
mode: comment
mitigation: Give it a timeout
---
It hung.

```python bad
reply = requests.post(PARTNER, json=order)
```

```python good
reply = requests.post(PARTNER, json=order, timeout=3)
```

## Response

What would have let us detect sooner, contain faster, resolve with more confidence?

## What went well

What should stay as it is?
"""
    )
    assert done == (
        "`titel` is `title` now",
        "`Severity` is `severity` now",
        "`mitigations` is `mitigation` now",
        "`High` is `high` now",
        "`coment` is `comment` now",
        "`2026/5/4` is `2026-05-04` now",
        "`bad python` is `python bad` now",
        "`pyton good` is `python good` now",
        "`## Response` asks its question now",
        "`## What went well` asks its question now",
    )
    assert read_lesson(text, "x").problems == ()
    assert mended(text) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nid: A\ntitle: x\ntitel: both are there\nseverity: low\n---\n",
        "---\nid: A\nseverity: low\ncolour: blue\n---\n```js note\nx\n```\n",
        "---\r\nid: A\r\nseverity: low\r\n---\r\nstory\r\n",
    ],
)
def test_what_is_no_slip_stays(text: str) -> None:
    assert mended(text) == (text, ())


@given(st.text(alphabet="-:abid\n`# ", max_size=200))
@settings(max_examples=200, deadline=None)
def test_a_second_time_there_is_nothing_left(text: str) -> None:
    once, _ = mended(text)
    assert mended(once)[0] == once


def test_files_are_mended_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {**REGISTRY, "lessons/INC-1.md": SLIPS}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run(["lint", "lessons/INC-1.md"]) == 1
    assert run(["lint", "--fix", "lessons/INC-1.md"]) == 0
    assert "lessons/INC-1.md: mended: `titel` is `title` now" in capsys.readouterr().out
    assert (tmp_path / "lessons/INC-245.md").read_text() == LESSON, (
        "another lesson was not asked for"
    )
    before = (tmp_path / "lessons/INC-1.md").stat()
    assert run(["lint", "--fix"]) == 0
    assert (tmp_path / "lessons/INC-1.md").stat() == before
