"""Rules that are true of any code in a language: well-known misuses, one of which a fix took away.

The fix says which; the rule is the language's own contract, not this project's. Pure. What is no
misuse for sure stands in no row: a rule of taste is for a linter.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates.candidate import (
    Breadth,
    Choice,
    Edit,
    Patterns,
    RuleCandidate,
)
from twiceshy.lessons.languages import family_of


class Misuse(NamedTuple):
    """One row: what is wrong, what is right, and by which words a fix is known to be about it."""

    how: str
    wrong: str  # pattern
    right: str  # pattern, counted beside the wrong one; empty: much else has its shape
    gone: str  # regular expression: it stands in what failed, and less in what a fix left
    came: str  # regular expression: more of it stands there; empty: it is enough what went
    others: Patterns = ()
    conditions: tuple[Choice, ...] = ()
    kept: bool = False  # what failed stands after the fix as well: the right thing is around it


def misuse_candidates(pair: EvidencePair) -> Iterator[RuleCandidate]:
    """The rules whose misuse the fix exchanged for the right way."""
    for misuse in MISUSES.get(family_of(pair.language) or pair.language, ()):
        if _is_exchanged(misuse, pair):
            yield RuleCandidate(
                Breadth.CALL,
                misuse.how,
                (("pattern", misuse.wrong), *misuse.others),
                Edit.KNOWN,
                misuse.right,
                conditions=misuse.conditions,
                known=True,
            )


def _is_exchanged(misuse: Misuse, pair: EvidencePair) -> bool:
    stood = _count(misuse.gone, pair.bad)
    is_gone = stood and (misuse.kept or _count(misuse.gone, pair.good) < stood)
    if not is_gone or not misuse.came:
        return bool(is_gone)
    return _count(misuse.came, pair.good) > _count(misuse.came, pair.bad)


def _count(expression: str, text: str) -> int:
    return len(re.findall(expression, text))


_CHARSET = r"(?i)charset|utf_?-?8"
_LOCALE = r"Locale\b"


def _without_charset(wrong: str, right: str, gone: str) -> Misuse:
    how = "text and bytes without a charset: the machine's own differs from place to place"
    return Misuse(how, wrong, right, gone, _CHARSET, kept=True)


def _of_locale(name: str) -> Misuse:
    how = f"`{name}` in the machine's own locale: in Turkish `i` is no `I`"
    right = f"$TEXT.{name}($LOCALE)"
    return Misuse(how, f"$TEXT.{name}()", right, rf"\.{name}\(\)", _LOCALE)


def _unclosed(opening: str) -> Misuse:
    """What holds a file or a socket, bound outside of a ``try`` that closes it."""
    binds = f"$TYPE $STREAM = {opening}"
    return Misuse(
        f"`{opening}` is closed on no path that fails",
        f"{binds};",
        f"try ({binds}) {{ ... }}",
        r"(?<!\()(?:\w[\w<>]* )?\w+ = " + re.escape(opening.partition("(")[0]),
        r"\btry \(|\bfinally\b",
        (
            ("pattern-not-inside", f"try ({binds}) {{ ... }}"),
            ("pattern-not-inside", f"try ({binds}; $TYPE_2 $NAME_2 = $VALUE_2) {{ ... }}"),
            ("pattern-not-inside", f"try ($TYPE_2 $NAME_2 = $VALUE_2; {binds}) {{ ... }}"),
            ("pattern-not-inside", f"{binds};\n...\ntry {{ ... }} finally {{ ... }}"),
            ("pattern-not-inside", f"{binds};\n...\nreturn <... $STREAM ...>;"),
        ),
        kept=True,
    )


_OPENINGS = (
    "new FileInputStream(...)",
    "new FileOutputStream(...)",
    "new FileReader(...)",
    "new FileWriter(...)",
    "new RandomAccessFile(...)",
    "new ZipFile(...)",
    "new JarFile(...)",
    "Files.newInputStream(...)",
    "Files.newOutputStream(...)",
    "Files.newBufferedReader(...)",
    "Files.newDirectoryStream(...)",
    "Files.list(...)",
    "Files.walk(...)",
    "Files.lines(...)",
)

_INTERRUPTED = "try { ... } catch (InterruptedException $E) { ... %s ... }"

_JAVA = (
    _of_locale("toLowerCase"),
    _of_locale("toUpperCase"),
    *map(_unclosed, _OPENINGS),
    _without_charset("$TEXT.getBytes()", "$TEXT.getBytes($CHARSET)", r"\.getBytes\(\)"),
    _without_charset(
        "new String($BYTES)", "new String($BYTES, $CHARSET)", r"new String\([\w.()]+\)"
    ),
    _without_charset(
        "new InputStreamReader($IN)", "new InputStreamReader($IN, $CHARSET)", r"InputStreamReader\("
    ),
    _without_charset(
        "new OutputStreamWriter($OUT)",
        "new OutputStreamWriter($OUT, $CHARSET)",
        r"OutputStreamWriter\(",
    ),
    _without_charset("new FileReader($FILE)", "Files.newBufferedReader(...)", r"new FileReader\("),
    _without_charset("new FileWriter($FILE)", "Files.newBufferedWriter(...)", r"new FileWriter\("),
    Misuse(
        "`==` asks whether two texts are the same object",
        '$TEXT == "..."',
        '$TEXT.equals("...")',
        r'== "|" ==',
        r"\bequals\(",
    ),
    Misuse(
        "`!=` asks whether two texts are the same object",
        '$TEXT != "..."',
        '!$TEXT.equals("...")',
        r'!= "|" !=',
        r"\bequals\(",
    ),
    Misuse(
        "an interruption is swallowed: who asked the thread to stop is not heard",
        "try { ... } catch (InterruptedException $E) { ... }",
        _INTERRUPTED % "Thread.currentThread().interrupt();",
        r"InterruptedException",
        r"\.interrupt\(\)",
        (
            ("pattern-not", _INTERRUPTED % "Thread.currentThread().interrupt();"),
            ("pattern-not", _INTERRUPTED % "throw $ERROR;"),
        ),
        kept=True,
    ),
    Misuse(
        "`newInstance()` of a class throws what its constructor throws, checked or not",
        "$CLASS.newInstance()",
        "$CLASS.getDeclaredConstructor(...).newInstance(...)",
        r"(?<!tor\(\))\.newInstance\(\)",
        r"Constructor\(",
        (),
        (Choice("$CLASS", r"(?i).*(class|clazz)$"),),  # a factory of this name is no misuse
    ),
    Misuse(
        "the absolute value of the smallest integer is negative",
        "Math.abs($OBJECT.hashCode())",
        "",
        r"Math\.abs\(",
        r"MAX_VALUE|0x7[fF]+|floorMod|MIN_VALUE",
    ),
    Misuse(
        "the difference of two numbers overflows: it orders large ones the wrong way round",
        "return $LEFT - $RIGHT;",
        "return $TYPE.compare($LEFT, $RIGHT);",
        r"return [^;]+ - [^;]+;",
        r"\.compare\(|> |< ",
        (("pattern-inside", "int $COMPARE(...) { ... }"),),
        (Choice("$COMPARE", "^compare(To)?$"),),
    ),
    Misuse(
        "a thread wakes without a reason: what it waits for is asked again in a loop",
        "if ($MISSING) { ... $OBJECT.wait(...); ... }",
        "while ($MISSING) { ... $OBJECT.wait(...); ... }",
        r"\bif\b",
        r"\bwhile\b",
    ),
    Misuse(
        "a lock that is not released where the code in between fails",
        "$LOCK.lock();",
        "$LOCK.lock();\ntry { ... } finally { ... $LOCK.unlock(); ... }",
        r"\.unlock\(\)",
        r"\bfinally\b",
        (
            (
                "pattern-not-inside",
                "$LOCK.lock();\n...\ntry { ... } finally { ... $LOCK.unlock(); ... }",
            ),
            ("pattern-not-inside", "try { ... } finally { ... $LOCK.unlock(); ... }"),
        ),
        kept=True,
    ),
    Misuse(
        "the cause is lost: whoever reads the log sees where it was thrown again, not why",
        "try { ... } catch ($FAILURE $CAUSE) { ... throw new $ERROR(...); ... }",
        "try { ... } catch ($FAILURE $CAUSE) { ... throw new $ERROR(..., $CAUSE, ...); ... }",
        r"throw new \w+\(",
        r"throw new \w+\([^;]*\b[a-z]\w{0,2}\);|throw new \w+\([^;]*(?i:cause|exception|err\w*)\);",
        (
            (
                "pattern-not",
                "try { ... } catch ($FAILURE $CAUSE)"
                " { ... throw new $ERROR(..., <... $CAUSE ...>, ...); ... }",
            ),
        ),
        kept=True,
    ),
    Misuse(
        "`String.format` fills in `%s`, not `{}`",
        'String.format("$FORMAT", ...)',
        "",
        r"\{\}",
        r"%s|%d",
        (),
        (Choice("$FORMAT", r"^[^%]*\{\}[^%]*$"),),
    ),
    Misuse(
        "a log message fills in `{}`, not `%s`",
        '$LOG.$LEVEL("$FORMAT", $VALUE, ...)',
        "",
        r"%[sd]",
        r"\{\}",
        (),
        (
            Choice("$LEVEL", "^(trace|debug|info|warn|error)$"),
            Choice("$LOG", "(?i)^(this[.])?log(ger)?$"),
            Choice("$FORMAT", r"^[^{]*%[sd][^{]*$"),
        ),
    ),
    Misuse(
        "nothing fills in a format that is joined with `+`",
        'new $ERROR("$FORMAT" + $VALUE)',
        "",
        r'%[sd][^"\n]*" \+',
        "",
        (),
        (Choice("$FORMAT", r".*%[sd]"), Choice("$ERROR", r"\w*(Exception|Error)$")),
    ),
)

_ASYNC = Choice("$STEP", r"^async\b")  # Semgrep overlooks the word in a pattern of an arrow
_PREDICATES = ("forEach", "filter", "some", "every", "find", "findIndex")


def _of_async(name: str) -> Misuse:
    how = f"`{name}` does not wait for what an async function returns"
    gone, came = rf"\.{name}\(\s*async\b", r"\bfor (?:await )?\(|Promise\.all|\.reduce\("
    return Misuse(how, f"$LIST.{name}($STEP)", "", gone, came, (), (_ASYNC,))


_SCRIPT = (
    *map(_of_async, _PREDICATES),
    Misuse(
        "the object may have a `hasOwnProperty` of its own, or none",
        "$OBJECT.hasOwnProperty($KEY)",
        "Object.prototype.hasOwnProperty.call($OBJECT, $KEY)",
        r"\.hasOwnProperty\(",
        r"hasOwn(?:Property)?\.call\(|hasOwn\(|\bhas\(",
    ),
    Misuse(
        "`new Buffer` hands out memory that was not wiped when it is given a number",
        "new Buffer(...)",
        "Buffer.$MAKE(...)",
        r"new Buffer\(",
        r"Buffer\.(?:from|alloc)",
    ),
    Misuse(
        "an array of another realm is no `instanceof Array`",
        "$VALUE instanceof Array",
        "Array.isArray($VALUE)",
        r"instanceof Array\b",
        r"isArray\(",
    ),
    Misuse(
        "what stands first has the index 0",
        "$LIST.indexOf(...) > 0",
        "$LIST.indexOf(...) >= 0",
        r"indexOf\([^\n]*\) > 0",
        r"indexOf\([^\n]*\) (?:>= 0|> -1|!==? -1)|includes\(",
    ),
    Misuse(
        "`indexOf` says -1, which is true, where there is nothing",
        "if ($LIST.indexOf($ITEM)) { ... }",
        "if ($LIST.indexOf($ITEM) !== -1) { ... }",
        r"if \(!?[\w.]+\.indexOf\([^\n]*\)\) ",
        r"(?:>= 0|> -1|[!=]==? -1|< 0)|includes\(",
    ),
    Misuse(
        "`typeof` is a text: it is never the value `undefined`",
        "typeof $VALUE === undefined",
        'typeof $VALUE === "undefined"',
        r"typeof [\w.]+ ===? undefined",
        r"""['"]undefined['"]""",
    ),
    Misuse(
        "an error in an async executor of a promise rejects nothing",
        "new Promise($STEP)",
        "",
        r"new Promise\(\s*async",
        "",
        (),
        (_ASYNC,),
    ),
    Misuse(
        "all elements are the same object",
        "$LIST.fill([])",
        "",
        r"\.fill\(\[\]\)",
        r"Array\.from\(|\.map\(",
    ),
    Misuse(
        "all elements are the same object",
        "$LIST.fill({})",
        "",
        r"\.fill\(\{\}\)",
        r"Array\.from\(|\.map\(",
    ),
    Misuse(
        "`!` binds closer than `instanceof`",
        "!$VALUE instanceof $CLASS",
        "!($VALUE instanceof $CLASS)",
        r"!\w[\w.]* instanceof",
        r"!\(",
    ),
    Misuse(
        "`!` binds closer than `in`",
        "!$KEY in $OBJECT",
        "!($KEY in $OBJECT)",
        r"!\w[\w.]* in\b",
        r"!\(",
    ),
    Misuse(
        "`NaN` is equal to nothing, not even to itself",
        "$VALUE === NaN",
        "Number.isNaN($VALUE)",
        r"=== ?NaN",
        r"isNaN\(",
    ),
)

MISUSES: dict[str, tuple[Misuse, ...]] = {
    "java": _JAVA,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
}
"""By the family of a language."""
