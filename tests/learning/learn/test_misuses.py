"""A misuse in any code that a fix takes away is a rule by itself; each row on an example of its own,
and on what only looks like one.
"""

from difflib import SequenceMatcher

import pytest

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.proposal_kind import Judgement, Kind, Why
from twiceshy.learning.learn.rule_candidates import Edit, candidates_of
from twiceshy.learning.learn.rule_candidates.misuses import MISUSES, misuse_candidates
from twiceshy.learning.learn.rule_selection import choose
from twiceshy.learning.learn.rule_trial import try_rules

JAVA = """class Depot {
    Object find(Object key) throws Exception {
        prepare();
        %s
        return null;
    }
}
"""
ORDERED = """class ByAge implements Comparator<Dog> {
    public int compare(Dog one, Dog other) {
        %s
    }
}
"""
SCRIPT = """async function find(list, key) {
  prepare();
  %s
  return null;
}
"""

OPENED = """{0} in = {1};
        copy(in);"""
CLOSED = """try ({0} in = {1}) {{
            copy(in);
        }}"""
FILES = {
    "FileInputStream": "new FileInputStream(name)",
    "FileOutputStream": "new FileOutputStream(name)",
    "FileReader": "new FileReader(name)",
    "FileWriter": "new FileWriter(name)",
    "RandomAccessFile": "new RandomAccessFile(name, mode)",
    "ZipFile": "new ZipFile(name)",
    "JarFile": "new JarFile(name)",
    "InputStream": "Files.newInputStream(name)",
    "OutputStream": "Files.newOutputStream(name)",
    "BufferedReader": "Files.newBufferedReader(name)",
    "DirectoryStream<Path>": "Files.newDirectoryStream(name)",
    "Stream<Path>": "Files.list(name)",
    "Stream<Path> ": "Files.walk(name)",
    "Stream<String>": "Files.lines(name)",
}
CAUGHT = """try {
            prepare();
        } catch (InterruptedException e) {
            log(e);%s
        }"""
WRAPPED = """try {
            prepare();
        } catch (IOException e) {
            throw new StoreFailed(%s);
        }"""
LOCKED = """guard.lock();
        prepare();
        guard.unlock();"""
RELEASED = """guard.lock();
        try {
            prepare();
        } finally {
            guard.unlock();
        }"""

EXAMPLES = [
    *[
        (JAVA, OPENED.format(kind, opening), CLOSED.format(kind, opening))
        for kind, opening in FILES.items()
    ],
    (JAVA, "name.toLowerCase();", "name.toLowerCase(Locale.ROOT);"),
    (JAVA, "name.toUpperCase();", "name.toUpperCase(Locale.ROOT);"),
    (JAVA, "send(name.getBytes());", "send(name.getBytes(StandardCharsets.UTF_8));"),
    (JAVA, "send(new String(bytes));", "send(new String(bytes, StandardCharsets.UTF_8));"),
    (JAVA, "r = new InputStreamReader(in);", "r = new InputStreamReader(in, CHARSET);"),
    (JAVA, "w = new OutputStreamWriter(out);", "w = new OutputStreamWriter(out, CHARSET);"),
    (JAVA, "r = new FileReader(file);", "r = Files.newBufferedReader(file.toPath(), UTF8);"),
    (JAVA, "w = new FileWriter(file);", "w = Files.newBufferedWriter(file.toPath(), UTF8);"),
    (JAVA, 'if (name == "all") { send(); }', 'if (name.equals("all")) { send(); }'),
    (JAVA, 'if (name != "all") { send(); }', 'if (!name.equals("all")) { send(); }'),
    (JAVA, CAUGHT % "", CAUGHT % " Thread.currentThread().interrupt();"),
    (JAVA, "clazz.newInstance();", "clazz.getDeclaredConstructor().newInstance();"),
    (JAVA, "n = Math.abs(key.hashCode());", "n = key.hashCode() & Integer.MAX_VALUE;"),
    (ORDERED, "return one.age - other.age;", "return Integer.compare(one.age, other.age);"),
    (JAVA, "if (empty) { room.wait(); }", "while (empty) { room.wait(); }"),
    (JAVA, LOCKED, RELEASED),
    (JAVA, WRAPPED % '"no store"', WRAPPED % '"no store", e'),
    (JAVA, 'String.format("no {} here", key);', 'String.format("no %s here", key);'),
    (JAVA, 'LOG.info("no %s here", key);', 'LOG.info("no {} here", key);'),
    (
        JAVA,
        'if (bad) { throw new StoreException("type=%d" + key); }',
        'if (bad) { throw new StoreException("type=" + key); }',
    ),
    (
        SCRIPT,
        "list.forEach(async one => { await send(one); });",
        "for (const one of list) { await send(one); }",
    ),
    *[
        (
            SCRIPT,
            f"use(list.{name}(async one => {{ return send(one); }}));",
            f"const all = await Promise.all(list.map(send)); use(all.{name}(Boolean));",
        )
        for name in ("filter", "some", "every", "find", "findIndex")
    ],
    (
        SCRIPT,
        "if (list.hasOwnProperty(key)) use(key);",
        "if (Object.prototype.hasOwnProperty.call(list, key)) use(key);",
    ),
    (SCRIPT, "use(new Buffer(key));", "use(Buffer.from(key));"),
    (SCRIPT, "if (key instanceof Array) use(key);", "if (Array.isArray(key)) use(key);"),
    (SCRIPT, "if (list.indexOf(key) > 0) use(key);", "if (list.indexOf(key) >= 0) use(key);"),
    (SCRIPT, "if (list.indexOf(key)) { use(key); }", "if (list.indexOf(key) !== -1) { use(key); }"),
    (SCRIPT, "if (typeof key === undefined) use(1);", "if (typeof key === 'undefined') use(1);"),
    (
        SCRIPT,
        "return new Promise(async (done) => { done(await use(key)); });",
        "return new Promise((done) => { use(key).then(done); });",
    ),
    (SCRIPT, "use(new Array(3).fill([]));", "use(Array.from({ length: 3 }, () => []));"),
    (SCRIPT, "use(new Array(3).fill({}));", "use(Array.from({ length: 3 }, () => ({})));"),
    (SCRIPT, "if (!key instanceof Depot) use(key);", "if (!(key instanceof Depot)) use(key);"),
    (SCRIPT, "if (!key in list) use(key);", "if (!(key in list)) use(key);"),
    (SCRIPT, "if (key === NaN) use(key);", "if (Number.isNaN(key)) use(key);"),
]


def pair(frame: str, bad: str, good: str) -> EvidencePair:
    """Evidence as it is cut from two whole files."""
    language = "javascript" if frame is SCRIPT else "java"
    before, after = frame % bad, frame % good
    old, new = before.splitlines(), after.splitlines()
    removed: list[int] = []
    added: list[int] = []
    for kind, low, high, start, end in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            removed += range(low + 1, high + 1)
            added += range(start + 1, end + 1)
    lines = tuple(removed), tuple(added)
    return EvidencePair("src/a", language, "find", before, after, lines[0], before, after, *lines)


def of_language(language: str) -> list[EvidencePair]:
    """All examples in a language."""
    pairs = [pair(frame, bad, good) for frame, bad, good in EXAMPLES]
    return [example for example in pairs if example.language == language]


@pytest.mark.parametrize("language", ["java", "javascript"])
def test_each_row_has_an_example_that_its_rule_tells_from_the_fix(language: str) -> None:
    examples = of_language(language)
    texts: dict[str, str] = {}
    for number, example in enumerate(examples):
        texts[f"{number}/bad"], texts[f"{number}/good"] = example.bad, example.good
    proposed = [list(misuse_candidates(example)) for example in examples]
    rules = list(dict.fromkeys(rule for own in proposed for rule in own))
    trial = try_rules([rule.matching() for rule in rules], texts, language)
    shown: set[str] = set()
    for number, own in enumerate(proposed):
        for rule in own:
            red = {span.path for span in trial.of(rules.index(rule))}
            if f"{number}/bad" in red and f"{number}/good" not in red:
                shown.add(rule.anchor)
    assert shown == {row.wrong for row in MISUSES[language]}


def test_a_known_misuse_needs_no_other_use() -> None:
    fix = pair(JAVA, "name.toLowerCase();", "name.toLowerCase(Locale.ROOT);")
    winner = choose([fix], {}).winner
    assert winner is not None
    assert winner.candidate.edit is Edit.KNOWN
    assert winner.judgement == Judgement(Kind.API_MISUSE, Why.KNOWN_MISUSE)


def test_what_nobody_waits_for_is_a_call_in_async_code() -> None:
    bad, good = (SCRIPT % "refillDepot(list);", SCRIPT % "await refillDepot(list);")
    fix = pair(SCRIPT, "refillDepot(list);", "await refillDepot(list);")
    winner = choose([fix], {}).winner
    assert winner is not None
    assert winner.candidate.edit is Edit.AWAIT
    handed_on = [
        SCRIPT % "const filled = refillDepot(list); await filled;",
        SCRIPT % "return refillDepot(list);",
        SCRIPT % "await Promise.all([refillDepot(list), use(key)]);",
        SCRIPT % "refillDepot(list).catch(use);",
        (SCRIPT % "refillDepot(list);").removeprefix("async "),
    ]
    texts = {f"{number}.js": text for number, text in enumerate([bad, good, *handed_on])}
    trial = try_rules([winner.candidate.matching()], texts, "javascript")
    assert {span.path for span in trial.of(0)} == {"0.js"}


def test_a_method_copied_from_its_neighbour_calls_its_namesake() -> None:
    frame = """class Client {
    long expireAt(Key key) { return run(commandObjects.expireAt(key)); }
    long pexpireAt(Key key) { return run(commandObjects.%s(key)); }
    long persist(Key key) { return run(commandObjects.persist(key)); }
    long touch(Key key) { return run(commandObjects.touch(key)); }
}
"""
    fix = pair(frame, "expireAt", "pexpireAt")
    winner = choose([fix], {"src/a": fix.after}).winner
    assert winner is not None
    assert winner.candidate.anchor == "commandObjects.$CALLED(...)"
    assert (winner.support.k, winner.support.n) == (3, 3)


def test_a_fix_that_only_drops_the_line_is_about_something_else() -> None:
    candidates = candidates_of(pair(JAVA, "name.toLowerCase();", "other();"))
    assert not [candidate for candidate in candidates if candidate.known]


def test_what_most_of_the_tree_does_is_no_misuse_here() -> None:
    tree = {f"src/b{number}.java": JAVA % "use(text.toLowerCase());" for number in range(9)}
    fix = pair(JAVA, "name.toLowerCase();", "name.toLowerCase(Locale.ROOT);")
    choice = choose([fix], tree)
    assert choice.winner is None
    assert choice.why is Why.CONTRADICTED
