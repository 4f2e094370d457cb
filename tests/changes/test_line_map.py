"""Where lines stand after a change: the diff's word, at every edge."""

from twiceshy.changes.diff import parse_diff
from twiceshy.changes.line_map import Edit, LineMap

DIFF = """--- a/a.py
+++ b/a.py
@@ -1,6 +1,7 @@
+zero
 one
 two
-three
+3
+3.5
 four
 five
-six
"""


def test_a_line_is_followed_and_what_was_touched_is_told() -> None:
    (file,) = parse_diff(DIFF).files
    lines = LineMap(file.hunks)
    assert [lines.now(line) for line in range(1, 9)] == [2, 3, None, 6, 7, None, 8, 9]
    assert [lines.was(line) for line in range(1, 10)] == [None, 1, 2, None, None, 4, 5, 7, 8]
    assert lines.edits == (
        Edit(range(1, 1), range(1, 2)),
        Edit(range(3, 4), range(4, 6)),
        Edit(range(6, 7), range(8, 8)),
    )


def test_a_hunk_without_context_begins_after_the_line_it_names() -> None:
    (file,) = parse_diff("--- a/a.py\n+++ b/a.py\n@@ -2,0 +3,2 @@\n+x\n+y\n").files
    lines = LineMap(file.hunks)
    assert lines.edits == (Edit(range(3, 3), range(3, 5)),)
    assert [lines.now(line) for line in (2, 3)] == [2, 5]


def test_without_a_hunk_every_line_stays() -> None:
    assert LineMap(()).now(7) == 7
