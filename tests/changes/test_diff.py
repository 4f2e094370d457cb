"""What a unified diff says, and that nothing in one raises."""

import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patience import grows_evenly, no_hang
from twiceshy.changes.change import FileChange, Hunk, Line, LineKind, Status
from twiceshy.changes.diff import (
    ParsedDiff,
    commentable_lines,
    fits,
    parse_diff,
    parse_patch,
    reverse_apply,
)
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen

BODY = "@@ -1,2 +1,2 @@\n keep\n-old\n+new\n"
HUNK = Hunk(
    1,
    1,
    (
        Line(LineKind.CONTEXT, "keep", 1, 1),
        Line(LineKind.REMOVED, "old", 2, None),
        Line(LineKind.ADDED, "new", None, 2),
    ),
)


def only(diff: str | bytes) -> FileChange:
    parsed = parse_diff(diff)
    assert parsed.problems == ()
    (file,) = parsed.files
    return file


def test_a_modified_file_as_git_prints_it() -> None:
    diff = f"diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n{BODY}"
    assert parse_diff(diff) == ParsedDiff((FileChange("x.py", hunks=(HUNK,)),))


def test_a_rename_with_edits_is_one_file() -> None:
    diff = (
        "diff --git a/x.py b/y/z.py\nsimilarity index 90%\nrename from x.py\n"
        "rename to y/z.py\nindex 1..2 100644\n"
        f"--- a/x.py\n+++ b/y/z.py\n{BODY}"
    )
    assert parse_diff(diff) == ParsedDiff((FileChange("y/z.py", Status.RENAMED, "x.py", (HUNK,)),))


def test_a_rename_in_a_diff_without_prefixes() -> None:
    diff = (
        "diff --git x.py y.py\nsimilarity index 90%\nrename from x.py\nrename to y.py\n"
        f"--- x.py\n+++ y.py\n{BODY}"
    )
    assert only(diff) == FileChange("y.py", Status.RENAMED, "x.py", (HUNK,))


def test_a_copy_names_what_was_copied() -> None:
    diff = "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n"
    assert only(diff) == FileChange("y", Status.COPIED, "x")


def test_added_and_deleted_files() -> None:
    added = (
        "diff --git a/x b/x\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x\n"
        "@@ -0,0 +1 @@\n+one\n"
    )
    deleted = (
        "diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n"
        "@@ -1 +0,0 @@\n-one\n"
    )
    assert only(added) == FileChange(
        "x", Status.ADDED, hunks=(Hunk(0, 1, (Line(LineKind.ADDED, "one", None, 1),)),)
    )
    assert only(deleted) == FileChange(
        "x", Status.DELETED, hunks=(Hunk(1, 0, (Line(LineKind.REMOVED, "one", 1, None),)),)
    )


def test_an_added_empty_file_has_no_hunks() -> None:
    assert only("diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n") == FileChange(
        "x", Status.ADDED
    )


@pytest.mark.parametrize(
    "rest",
    [
        "Binary files a/x.png and b/x.png differ\n",
        "GIT binary patch\nliteral 3\nKcmZQz\n\nliteral 0\nHc$@<O\n\n",
    ],
)
def test_binary_files_are_marked(rest: str) -> None:
    assert only(f"diff --git a/x.png b/x.png\nindex 1..2 100644\n{rest}") == FileChange(
        "x.png", binary=True
    )


def test_a_mode_change_has_no_hunks() -> None:
    assert only("diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\n") == FileChange("a b")


def test_a_submodule_has_no_lines_to_judge() -> None:
    old, new = "1" * 40, "2" * 40
    diff = (
        f"diff --git a/sub b/sub\nindex 1111111..2222222 160000\n--- a/sub\n+++ b/sub\n"
        f"@@ -1 +1 @@\n-Subproject commit {old}\n+Subproject commit {new}\n"
    )
    assert only(diff) == FileChange("sub", submodule=True)
    patch = f"@@ -1 +1 @@\n-Subproject commit {old}\n+Subproject commit {new}"
    assert parse_patch("sub", patch) == ParsedDiff((FileChange("sub", submodule=True),))


def test_a_path_that_ends_like_a_mode_is_no_submodule() -> None:
    assert not only("diff --git a/x b/a 160000\nrename from x\nrename to a 160000\n").submodule


def test_a_combined_diff_is_named_and_the_next_file_is_read() -> None:
    diff = (
        "diff --cc m.py\nindex 1,2..3\n--- a/m.py\n+++ b/m.py\n@@@ -1,1 -1,1 +1,1 @@@\n"
        "- one\n -two\n++three\n"
        f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n{BODY}"
    )
    problem = NotLookedAt(
        Unseen.DIFF_NOT_UNDERSTOOD,
        "m.py",
        "a combined diff (of a merge) is not judged: give a diff against one parent",
    )
    assert parse_diff(diff) == ParsedDiff((FileChange("x.py", hunks=(HUNK,)),), (problem,))


@pytest.mark.parametrize(
    "diff", ["", "\n", b"", "nothing changed here\n", "commit 1234\nAuthor: me\n\n    words\n"]
)
def test_no_diff_is_no_change(diff: str | bytes) -> None:
    assert parse_diff(diff) == ParsedDiff()


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("a/x y.py\t", "b/x y.py\t", "x y.py"),
        ("a/x.py\t2026-01-01 00:00:00.000 +0000", "b/x.py\t2026-01-02 00:00:00.000 +0000", "x.py"),
        ("x.py", "x.py", "x.py"),
        ("a/x.py", "a/x.py", "a/x.py"),
        ("i/x.py", "w/x.py", "x.py"),
        ("before/lib/x.py", "after/lib/x.py", "lib/x.py"),
        ('"a/caf\\303\\251.py"', '"b/caf\\303\\251.py"', "café.py"),
        (
            '"a/tab\\there \\"quoted\\" \\\\"',
            '"b/tab\\there \\"quoted\\" \\\\"',
            'tab\there "quoted" \\',
        ),
        ("a/p b/p", "b/p b/p", "p b/p"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_names_of_plain_diffs(old: str, new: str, path: str, end: str) -> None:
    diff = f"--- {old}\n+++ {new}\n{BODY}".replace("\n", end)
    assert only(diff) == FileChange(path, hunks=(HUNK,))


def test_git_diffs_without_prefixes_keep_a_folder_called_a() -> None:
    diff = "diff --git a/x a/x\nnew file mode 100644\n--- /dev/null\n+++ a/x\n@@ -0,0 +1 @@\n+one\n"
    assert only(diff).path == "a/x"


def test_a_path_with_b_in_the_middle_and_no_other_name() -> None:
    assert only("diff --git a/x b/y b/x b/y\nold mode 100644\nnew mode 100755\n").path == "x b/y"


def test_bytes_of_a_path_survive_and_bytes_of_a_line_are_replaced() -> None:
    diff = (
        b'diff --git "a/\\377.py" "b/\\377.py"\n--- "a/\\377.py"\n+++ "b/\\377.py"\n'
        b"@@ -0,0 +1 @@\n+caf\xe9\n"
    )
    file = only(diff)
    assert file.path.encode("utf-8", "surrogateescape") == b"\xff.py"
    assert [line.text for line in file.added] == ["caf\ufffd"]


def test_one_carriage_return_is_the_line_s_end() -> None:
    file = only("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\r\n+new\r\r\n")
    assert [line.text for line in (*file.removed, *file.added)] == ["old", "new\r"]


def test_no_newline_at_the_end_is_no_line() -> None:
    diff = (
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n"
        "\\ No newline at end of file\n"
    )
    assert [line.text for hunk in only(diff).hunks for line in hunk.lines] == ["old", "new"]


def test_lines_that_look_like_headers_are_lines() -> None:
    diff = (
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n-diff --git a/z b/z\n+++ b/y\n+@@ -1 +1 @@\n"
    )
    file = only(diff)
    assert [line.text for line in file.removed] == ["-- a/y", "diff --git a/z b/z"]
    assert [line.text for line in file.added] == ["++ b/y", "@@ -1 +1 @@"]


def test_an_empty_context_line_may_have_lost_its_blank() -> None:
    assert [
        line.text
        for line in only("--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n\n one\n+two\n").hunks[0].lines
    ] == [
        "",
        "one",
        "two",
    ]


def test_a_hunk_cut_in_half_is_named_and_the_rest_is_judged() -> None:
    diff = (
        "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,9 +1,9 @@\n keep\n-old\n+new\n"
        f"diff --git a/y.py b/y.py\n--- a/y.py\n+++ b/y.py\n{BODY}"
    )
    message = "the diff ends inside this hunk (its line 7): what is there is judged"
    problem = NotLookedAt(Unseen.DIFF_NOT_UNDERSTOOD, "x.py", message, line=1)
    assert parse_diff(diff) == ParsedDiff(
        (FileChange("x.py", hunks=(HUNK,)), FileChange("y.py", hunks=(HUNK,))), (problem,)
    )


def test_a_diff_cut_before_its_first_hunk_says_so() -> None:
    message = "the diff ends before this file's first hunk: its lines are not judged"
    problem = NotLookedAt(Unseen.DIFF_NOT_UNDERSTOOD, "x.py", message)
    assert parse_diff("diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n") == ParsedDiff(
        (FileChange("x.py"),), (problem,)
    )


def test_github_s_patch_is_hunks_without_names() -> None:
    assert parse_patch("new\nline.py", BODY, Status.RENAMED, "x.py") == ParsedDiff(
        (FileChange("new\nline.py", Status.RENAMED, "x.py", (HUNK,)),)
    )
    assert parse_patch("x.py", "", Status.ADDED) == ParsedDiff((FileChange("x.py", Status.ADDED),))


def test_comments_may_stand_on_added_and_context_lines() -> None:
    assert commentable_lines(FileChange("x", hunks=(HUNK,))) == frozenset({1, 2})


def test_line_zero_is_never_counted() -> None:
    assert [
        line.new for line in only("--- a/x\n+++ b/x\n@@ -0 +0,2 @@\n one\n+two\n").hunks[0].lines
    ] == [1, 2]


def test_reverse_apply_gives_the_text_before() -> None:
    file = FileChange("x", hunks=(HUNK,))
    assert reverse_apply("keep\nnew\nend\n", file) == "keep\nold\nend\n"
    assert reverse_apply("keep\r\nnew\r\nend\r\n", file) == "keep\r\nold\r\nend\r\n"


def test_reverse_apply_refuses_a_text_the_hunks_do_not_fit() -> None:
    file = FileChange("x", hunks=(HUNK,))
    assert reverse_apply("keep\nother\n", file) is None
    assert reverse_apply("", file) is None
    assert not fits("keep\n", file)


def test_hunks_that_go_backwards_describe_no_change() -> None:
    assert reverse_apply("keep\nnew\n", FileChange("x", hunks=(HUNK, HUNK))) is None


NASTY = st.sampled_from(
    [
        "diff --git a/x b/x",
        'diff --git "a/\\9" "b/\\',
        "--- a/x",
        "+++ b/x",
        "--- ",
        "+++ ",
        "@@ -1 +1 @@",
        "@@ -0,0 +9 @@",
        "@@ -999999999,999999999 +1 @@",
        "@@@ -1 -1 +1 @@@",
        "-x",
        "+y",
        " z",
        "\\ No newline",
        "rename from x",
        "rename to",
        "rename to y",
        "copy from x",
        "deleted file mode 160000",
        "new file mode 1",
        "index 1..2 120000",
        "GIT binary patch",
        "Binary files a/x and /dev/null differ",
        "diff --cc m",
        "--- /dev/null",
        "+++ /dev/null",
        "",
        "\r",
        '--- "a/\\',
        "\ud800",
        "diff --git ",
        "\udcff",
    ]
)


@given(st.one_of(st.text(), st.lists(NASTY, max_size=25).map("\n".join), st.binary()))
@settings(max_examples=400, deadline=None)
def test_nothing_in_a_diff_raises(text: str | bytes) -> None:
    parsed = parse_diff(text)
    for file in parsed.files:
        reverse_apply("x\ny\nz\n", file)
        commentable_lines(file)
    for problem in parsed.problems:
        str(problem).encode()
    parse_patch("p", text if isinstance(text, str) else "")


LINES = st.lists(
    st.sampled_from(["", "a", "b", "-- c", "++ d", "\\ e", "@@ -1 +1 @@", " f"]), max_size=14
)


@given(LINES, LINES, st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_a_diff_takes_the_new_text_back_to_the_old(
    old: list[str], new: list[str], context: int
) -> None:
    rows = list(difflib.unified_diff(old, new, "a/x", "b/x", lineterm="", n=context))
    before, after = ("".join(f"{line}\n" for line in side) for side in (old, new))
    parsed = parse_diff("".join(f"{row}\n" for row in rows))
    assert parsed.problems == ()
    if old != new:
        (file,) = parsed.files
        assert reverse_apply(after, file) == before
        assert [line.text for line in file.added] == [
            row[1:] for row in rows[2:] if row.startswith("+")
        ]


def test_a_line_of_a_megabyte_and_a_hundred_thousand_lines_are_linear() -> None:
    long = "x" * 1_000_000
    with no_hang():
        assert only(f"--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+{long}\n").added[0].text == long
        only('--- "a/' + "\\" * 1_000_001 + '"\n+++ b/x\n@@ -0,0 +1 @@\n+x\n')
        assert grows_evenly(
            lambda size: only(f"--- a/x\n+++ b/x\n@@ -0,0 +1,{size} @@\n" + "+x\n" * size), 50_000
        )


def test_a_diff_file_in_the_house_of_crlf(tmp_path: Path) -> None:
    diff = f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n{BODY}".replace("\n", "\r\n")
    assert only(diff.encode()) == FileChange("x.py", hunks=(HUNK,))
