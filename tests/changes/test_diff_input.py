"""What people give for a diff: coloured, in UTF-16, cut, in another format, or no diff at all. Made
by the real tools.
"""

import gzip
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.repositories import Scratch
from twiceshy.changes.change import FileChange, Status
from twiceshy.changes.change_error import ChangeError, NotADiff
from twiceshy.changes.diff import ParsedDiff, bounded, parse_diff, understood
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.git import staged_change
from twiceshy.changes.not_a_diff import Lookalike, lookalike

BEFORE = "def f():\n    return foo(1)\n\n\n- item one\n\tlast\n"
AFTER = BEFORE.replace("foo", "bar").replace("one", "two")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A repository whose staged change has a bit of everything."""
    repo = Scratch(tmp_path_factory.mktemp("odd") / "repo")
    large = "".join(f"line {number}\n" for number in range(40))
    repo.write("x.py", BEFORE)
    repo.write("mode.sh", "echo\n")
    repo.write("with blank/and café.py", "one\n")
    repo.write('quote"d\t.py', "one\n")
    repo.write("moved.py", large)
    repo.write("renamed.py", large.replace("line", "row"))
    repo.write("gone.py", "gone\n")
    repo.write("bytes.bin", b"\0one")
    repo.write("windows.py", b"one\r\ntwo\r\n")
    repo.write("no-end.py", "one")
    repo.write("emptied.py", "")
    repo.commit()
    repo.write("x.py", AFTER)
    (repo.root / "mode.sh").chmod(0o755)
    repo.write("with blank/and café.py", "two\n")
    repo.write('quote"d\t.py', "two\n")
    repo.git("mv", "moved.py", "b b.py")
    repo.git("mv", "renamed.py", "other.py")
    repo.write("other.py", large.replace("line", "row").replace("row 7\n", ""))
    for name in ("gone.py", "emptied.py"):
        (repo.root / name).unlink()
    repo.write("bytes.bin", b"\0two")
    repo.write("windows.py", b"one\r\nthree\r\n")
    repo.write("no-end.py", "two")
    repo.write("new and empty.py", "")
    repo.write("new.py", "--- a\n+++ b\n@@ -1 +1 @@\ndiff --git a/q b/q\n")
    (repo.root / "link").symlink_to("x.py")
    repo.git("add", "--all")
    return repo


def diff_of(repo: Scratch, *options: str) -> bytes:
    """What is staged, as ``git diff`` writes it; an option like ``diff.noprefix=true`` is a
    setting.
    """
    settings_given = [
        word
        for option in options
        if not option.startswith("-") and "=" in option
        for word in ("-c", option)
    ]
    words = [option for option in options if option.startswith("-") or "=" not in option]
    done = subprocess.run(
        ["git", *settings_given, "diff", "--cached", *words],
        cwd=repo.root,
        capture_output=True,
        check=True,
    )
    return done.stdout


def lines_of(parsed: ParsedDiff) -> list[tuple[str, str, list[str], list[str]]]:
    """Everything but what an option may change: path, status, and the lines that came and went."""
    return sorted(
        (
            file.path,
            str(file.status),
            [line.text for line in file.added],
            [line.text for line in file.removed],
        )
        for file in parsed.files
    )


PLAIN = ("--no-color", "-M")


@pytest.mark.parametrize(
    "options",
    [
        ("--color=always", "-M"),
        ("--color=always", "--color-moved", "-M"),
        ("core.quotePath=false", *PLAIN),
        ("--color=always", "--color-moved=dimmed-zebra", "--ws-error-highlight=all", "-M"),
        ("--no-prefix", *PLAIN),
        ("diff.noprefix=true", *PLAIN),
        ("diff.mnemonicPrefix=true", *PLAIN),
        ("--src-prefix=before/", "--dst-prefix=after/", *PLAIN),
        ("-U0", *PLAIN),
        ("-U99", *PLAIN),
        ("-W", *PLAIN),
        ("--full-index", *PLAIN),
        ("--binary", *PLAIN),
        ("--stat", "-p", *PLAIN),
        ("--raw", "-p", *PLAIN),
        ("--patch-with-stat", "--summary", *PLAIN),
        ("--src-prefix=a b/", "--dst-prefix=c d/", *PLAIN),
    ],
)
def test_whatever_way_git_writes_a_diff_the_same_is_read(
    odd: Scratch, options: tuple[str, ...]
) -> None:
    plain = understood(diff_of(odd, "--no-color", "-M"))
    assert plain.problems == ()
    names = odd.git("diff", "--cached", "-M", "--name-only", "-z").strip("\0").split("\0")
    assert sorted(file.path for file in plain.files) == sorted(names)
    assert understood(diff_of(odd, *options)).problems == ()
    assert lines_of(understood(diff_of(odd, *options))) == lines_of(plain)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8 twice marked"],
)
@pytest.mark.parametrize("colour", ["--no-color", "--color=always"])
def test_a_diff_is_read_in_the_encoding_powershell_gave_it(
    odd: Scratch, encoding: str, end: bytes, colour: str
) -> None:
    raw = diff_of(odd, colour, "-M", "--", "x.py", "new.py", "no-end.py")
    text = raw.decode().replace("\n", end.decode())
    encoded = ("\ufeff" + text).encode("utf-8-sig") if " " in encoding else text.encode(encoding)
    if encoding == "utf-8 twice marked":
        encoded = encoded.removeprefix(b"\xef\xbb\xbf")
    assert understood(encoded) == understood(raw)
    assert len(understood(encoded).files) == 3


def test_escapes_within_a_file_s_own_lines_stay(odd: Scratch) -> None:
    diff = "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+\x1b[31mred\x1b[m\n"
    assert understood(diff).files[0].added[0].text == "\x1b[31mred\x1b[m"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("git", "diff", "--cached", "--stat"), Lookalike.STAT),
        (("git", "diff", "--cached", "--compact-summary"), Lookalike.STAT),
        (("git", "diff", "--cached", "--shortstat"), Lookalike.STAT),
        (("git", "diff", "--cached", "--numstat"), Lookalike.NUMBERS),
        (("git", "diff", "--cached", "--raw"), Lookalike.RAW),
        (("git", "diff", "--cached", "--name-only"), Lookalike.NAMES),
        (("git", "diff", "--cached", "--name-status"), Lookalike.NAMES),
        (("git", "log"), Lookalike.LOG),
        (("git", "diff", "nowhere"), Lookalike.FAILURE),
        (("diff", "-c", "x.py", "new.py"), Lookalike.CONTEXT),
        (("diff", "x.py", "new.py"), Lookalike.NORMAL),
        (("diff", "-q", "x.py", "new.py"), Lookalike.BRIEF),
    ],
)
def test_another_format_is_told_by_its_name(
    odd: Scratch, words: tuple[str, ...], kind: Lookalike
) -> None:
    names = ("--", "x.py", "new.py") if "--name-only" in words else ()
    done = subprocess.run((*words, *names), cwd=odd.root, capture_output=True, check=False)
    given_text = done.stdout or done.stderr
    if kind is Lookalike.BRIEF:
        with pytest.raises(NotADiff, match="it differs, and the diff does not show how"):
            understood(given_text)
        return
    assert lookalike(given_text.decode()) is kind
    with pytest.raises(NotADiff):
        change_from_diff(given_text)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"nothing changed here\n", "no diff that twiceshy understands"),
        (b"@@ -1 +1 @@\n-old\n+new\n", "hunks without a file's name"),
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "a web page: was the download refused?"),
        (b'{"message": "Not Found"}', "JSON: of GitHub's API ask for application/vnd.github.diff"),
        (gzip.compress(b"--- a/x\n+++ b/x\n", mtime=0), "a compressed file: unpack it first"),
        (bytes(range(256)) * 4, "binary data"),
        (
            b"diff --cc m.py\nindex 1,2..3\n--- a/m.py\n+++ b/m.py\n@@@ -1,1 -1,1 +1,1 @@@\n++x\n",
            "a combined diff",
        ),
        (b"\x1b[31mnothing\x1b[m\n", "It begins with: ?[31mnothing?[m"),
    ],
)
def test_what_is_no_diff_is_refused_with_what_was_seen(raw: bytes, said: str) -> None:
    with pytest.raises(NotADiff) as refused:
        understood(raw)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "raw", ["", b"", " \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\r\0\n\0"]
)
def test_an_empty_diff_changes_nothing(raw: str | bytes) -> None:
    assert understood(raw) == ParsedDiff()


@pytest.mark.parametrize("option", ["--word-diff", "--word-diff=porcelain", "--color-words"])
def test_words_are_never_taken_for_lines(odd: Scratch, option: str) -> None:
    with pytest.raises(NotADiff, match="give the diff without --word-diff and --color-words"):
        understood(diff_of(odd, option, "--", "x.py"))
    parsed = parse_diff(diff_of(odd, option, "-M"))
    assert not parsed.whole
    assert [line for file in parsed.files if file.path == "x.py" for line in file.added] == []


BODY = "@@ -1 +1 @@\n-old\n+new\n"
FILE = f"--- a/x.py\n+++ b/x.py\n{BODY}"


@pytest.mark.parametrize(
    ("rest", "path", "said"),
    [
        ("Only in new: y.py\n", "new/y.py", "it stands on one side only"),
        ("Files old/y.py and new/y.py differ\n", "new/y.py", "the diff does not show how"),
        (
            "*** a/y.py\n--- b/y.py\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
            "the diff",
            "a context diff",
        ),
        ("* Unmerged path y.py\n", "y.py", "in conflict"),
        (
            "diff --cc y.py\nindex 1,2..3\n--- a/y.py\n+++ b/y.py\n@@@ -1 -1 +1 @@@\n++x\n",
            "y.py",
            "a combined diff",
        ),
        ("--- a/y.py\n", "a/y.py", "the diff ends before this file's first hunk"),
        ("diff --git a/y.py b/y.py\n", "y.py", "shows no line of this file"),
        (
            "diff --git a/y.py b/y.py\nindex 1111111..2222222 100644\n",
            "y.py",
            "shows no line of this file",
        ),
        ("diff --git a/y.py b/y.py\nold mode 100644\n", "y.py", "shows no line of this file"),
        (
            "diff --git a/z b/y.py\nsimilarity index 90%\nrename from z\nrename to y.py\n",
            "y.py",
            "shows no line",
        ),
        (
            "diff --git a/y.py b/y.py\nnew file mode 100644\nindex 0000000..1111111\n",
            "y.py",
            "shows no line",
        ),
        ("+evil\n", "x.py", "the hunk goes on longer than its header says"),
        (
            "\\ No newline at end of file\n+evil\n",
            "x.py",
            "the hunk goes on longer than its header says",
        ),
    ],
)
def test_a_part_that_is_not_understood_is_named_and_the_rest_is_judged(
    rest: str, path: str, said: str
) -> None:
    parsed = understood(FILE + rest)
    assert [line.text for file in parsed.files for line in file.added] == ["new"]
    assert [problem.path for problem in parsed.problems] == [path]
    assert said in parsed.problems[0].message
    assert change_from_diff(FILE + rest).not_looked_at


def test_hunks_before_the_first_name_are_named() -> None:
    parsed = understood(BODY + FILE)
    assert [problem.message[:31] for problem in parsed.problems] == [
        "a part of it are hunks without "
    ]


@pytest.mark.parametrize(
    ("rest", "file"),
    [
        ("Binary files old/y.bin and new/y.bin differ\n", FileChange("y.bin", binary=True)),
        ("Binary files /dev/null and b/y.bin differ\n", FileChange("y.bin", binary=True)),
        ("Binary file y.bin has changed\n", FileChange("y.bin", binary=True)),
        ("Submodule lib 1111111..2222222:\n  > fix\n", FileChange("lib", submodule=True)),
        ("Submodule lib 0000000...2222222 (new submodule)\n", FileChange("lib", submodule=True)),
        ("Submodule lib contains modified content\n", FileChange("lib", submodule=True)),
        (
            (
                f"Index: y.bin\n{'=' * 67}\nCannot display: file marked as a binary type.\n"
                "svn:mime-type = image/png\n"
            ),
            FileChange("y.bin", binary=True),
        ),
        (
            (
                f"Index: y.py\n{'=' * 67}\n\nProperty changes on: y.py\n{'_' * 67}\n"
                "Added: svn:x\n## -0,0 +1 ##\n+*\n"
            ),
            FileChange("y.py"),
        ),
        ("-- \n2.39.5\n\n", None),
        ("diff -r 1f2e3d -r 4c5b6a q.py\n", None),
        (
            "diff --git a/y b/y\nnew file mode 100644\n",
            FileChange("y", Status.ADDED),
        ),  # Mercurial's empty file
    ],
)
def test_what_names_a_file_without_lines_is_read(rest: str, file: FileChange | None) -> None:
    parsed = understood(FILE + rest)
    assert parsed.problems == ()
    assert list(parsed.files[1:]) == ([file] if file else [])


def test_a_diff_of_subversion_is_read() -> None:
    diff = (
        f"Index: src/x.py\n{'=' * 67}\n--- src/x.py\t(revision 12)\n"
        f"+++ src/x.py\t(working copy)\n{BODY}"
        f"Index: src/new.py\n{'=' * 67}\n--- src/new.py\t(nonexistent)\n"
        "+++ src/new.py\t(working copy)\n"
        "@@ -0,0 +1 @@\n+new\n"
    )
    parsed = understood(diff.replace("\n", "\r\n"))
    assert parsed.problems == ()
    assert [(file.path, file.added[0].text) for file in parsed.files] == [
        ("src/x.py", "new"),
        ("src/new.py", "new"),
    ]


@pytest.mark.parametrize("option", ["-ru", "-ruN", "-rup", "-rbu"])
def test_folders_compared_by_gnu_diff(tmp_path: Path, option: str) -> None:
    for side, text in (("old", BEFORE), ("new", AFTER)):
        Scratch(tmp_path / side).write("deep/x.py", text)
        (tmp_path / side / f"only-{side}.py").write_text("x\n")
        (tmp_path / side / "y.bin").write_bytes(b"\0" + side.encode())
    words = ["diff", option, "--color=always", "--exclude=.git", "old", "new"]
    parsed = understood(
        subprocess.run(words, cwd=tmp_path, capture_output=True, check=False).stdout
    )
    named = {file.path for file in parsed.files} | {
        problem.path.partition("/")[2] for problem in parsed.problems
    }
    assert named == {"deep/x.py", "only-old.py", "only-new.py", "y.bin"}
    assert parsed.whole is ("N" in option)


def test_a_conflict_that_is_staged_is_no_clean_change(tmp_path: Path) -> None:
    repo = Scratch(tmp_path / "repo")
    repo.write("x.py", "one\n")
    repo.commit()
    for branch, text in (("topic", "two\n"), ("main", "three\n")):
        repo.git("checkout", "--quiet", *(("-b",) if branch == "topic" else ()), branch)
        repo.write("x.py", text)
        repo.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "topic")
    change = staged_change(repo.root)
    assert change.not_looked_at or [file.path for file in change.files] == ["x.py"]


def test_a_diff_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(ChangeError, match="the limit is 20,000,000: check it in parts"):
        understood(b"x" * 20_000_001)
    assert bounded("x") == "x"


WHOLE = (
    b"new file mode 100644",
    b"deleted file mode 100644",
    b"index e69de29..0",
    b"index 0000000..e69de29",
)
"""Of an empty file there is nothing more to tell, and Mercurial writes no index line."""


def test_wherever_a_diff_is_cut_nothing_is_lost_without_a_word(odd: Scratch) -> None:
    """Only between two files, between two hunks and within a hunk's last line a cut looks like an
    end.
    """
    raw = diff_of(odd, "--no-color", "--no-renames", "-U1")
    cuts = [cut for cut in range(1, len(raw)) if not _looks_whole(raw, cut)]
    assert len(cuts) > len(raw) / 2
    silent = [raw[cut - 40 : cut] for cut in cuts if _is_taken_for_whole(raw[:cut])]
    assert silent == []


def _looks_whole(raw: bytes, cut: int) -> bool:
    cut += raw.startswith(b"\n", cut)  # only the last line's end is lost
    last = raw[:cut].splitlines()[-1]
    within = not raw[:cut].endswith(b"\n")
    rest = raw[raw.index(b"\n", cut) + 1 :] if within else raw[cut:]
    ended = not rest.strip() or rest.startswith((b"diff --git ", b"@@ ", b"\\ No newline"))
    in_hunk = not last.startswith(
        (b"diff", b"index", b"---", b"+++", b"@", b"old", b"new", b"deleted", b"Bin")
    )
    return last.startswith(WHOLE) or (ended and (in_hunk or not within))


def _is_taken_for_whole(diff: bytes) -> bool:
    try:
        return understood(diff).whole
    except NotADiff:
        return False


TOKENS = st.sampled_from(
    [
        "diff --git a/x b/x",
        "diff --cc m",
        "--- a/x",
        "+++ b/x",
        "--- ",
        "@@ -1 +1 @@",
        "@@ -1,2 +1,2 @@",
        "-x",
        "+y",
        " z",
        "",
        "\\ No newline",
        "Only in a: b",
        "Binary files a and b differ",
        "Files a and b differ",
        "***************",
        "* Unmerged path q",
        "Submodule s 1111111..2222222:",
        "Index: x",
        "=====",
        "Cannot display: x",
        "-- ",
        "~",
        "[-a-]{+b+}",
        "index 1111111..2222222 100644",
        "old mode 100644",
        "similarity index 90%",
        "rename from q",
        "\x1b[1mdiff --git a/c b/c\x1b[m",
        "\x1b[32m+new\x1b[m",
        "\ufeff",
        "\0",
        "\r",
        "\udcff",
        "\ud800",
        "commit 1234567",
    ]
)


@given(
    st.one_of(st.binary(), st.text(), st.lists(TOKENS, max_size=20).map("\n".join)),
    st.sampled_from([None, "utf-16"]),
)
@settings(max_examples=500, deadline=None)
def test_whatever_is_given_is_judged_or_refused_and_never_a_silent_success(
    raw: str | bytes, wide: str | None
) -> None:
    if wide and isinstance(raw, str):
        raw = raw.encode(wide, "replace")
    try:
        parsed = understood(raw)
    except NotADiff as refused:
        str(refused).encode("utf-8", "surrogateescape")
        return
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    assert (
        parsed.files
        or not text.strip("\ufeff\ufffd\0 \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0")
        or not text.strip()
    )
