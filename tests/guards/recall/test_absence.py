"""A mistake that is an absence: what the fix put in is missing elsewhere, in other surroundings."""

from dataclasses import dataclass

import pytest

from changing import Files, change, look, pair
from making import lesson
from twiceshy.guards.recall.candidates import candidates, places_of
from twiceshy.guards.recall.recall_guard import WORTH_TELLING, RecallCompiler, RecallGuard
from twiceshy.lessons.index import MemoryIndex, Unit

LOUD = 0.90
"""The policy's default: from here on a resemblance is said."""


@dataclass(frozen=True)
class Absence:
    """A failure and its fix, and the same again in code of another purpose, each by itself."""

    what: str
    language: str
    path: str
    bad: str
    good: str
    again: str
    fixed_again: str


NO_LOG = Absence(
    "no_log",
    "yaml",
    "roles/db/tasks/main.yml",
    bad="""- name: Set the database password
  mysql_user:
    name: app
    password: "{{ db_password }}"
""",
    good="""- name: Set the database password
  mysql_user:
    name: app
    password: "{{ db_password }}"
  no_log: true
""",
    again="""- name: Install the client
  package:
    name: mariadb-client

- name: Create the reporting account
  mysql_user:
    name: reporting
    host: "%"
    priv: "reports.*:SELECT"
    password: "{{ vault_reporting }}"
  when: reporting_wanted
""",
    fixed_again="""- name: Install the client
  package:
    name: mariadb-client

- name: Create the reporting account
  mysql_user:
    name: reporting
    host: "%"
    priv: "reports.*:SELECT"
    password: "{{ vault_reporting }}"
  when: reporting_wanted
  no_log: true
""",
)

TYPE = Absence(
    "type",
    "python",
    "tools/serve.py",
    bad="""def arguments():
    parser = argparse.ArgumentParser(description="Serve the queue")
    parser.add_argument("--workers", default=4, help="how many processes")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()
""",
    good="""def arguments():
    parser = argparse.ArgumentParser(description="Serve the queue")
    parser.add_argument("--workers", type=int, default=4, help="how many processes")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()
""",
    again="""def main(argv):
    cli = argparse.ArgumentParser(prog="fetch")
    cli.add_argument("--retries", default=3, help="attempts before giving up")
    options = cli.parse_args(argv)
    for attempt in range(options.retries):
        download(options.address)
""",
    fixed_again="""def main(argv):
    cli = argparse.ArgumentParser(prog="fetch")
    cli.add_argument("--retries", type=int, default=3, help="attempts before giving up")
    options = cli.parse_args(argv)
    for attempt in range(options.retries):
        download(options.address)
""",
)

TIMEOUT = Absence(
    "timeout",
    "python",
    "services/pay/client.py",
    bad="""def charge(order):
    reply = requests.post(PARTNER, json=order.dict())
    reply.raise_for_status()
    return reply.json()
""",
    good="""def charge(order):
    reply = requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
    reply.raise_for_status()
    return reply.json()
""",
    again="""class Notifier:
    def publish(self, event):
        body = {"kind": event.kind, "at": event.at.isoformat()}
        try:
            requests.post(self.hook, json=body, headers=self.headers)
        except requests.ConnectionError:
            self.failed += 1
""",
    fixed_again="""class Notifier:
    def publish(self, event):
        body = {"kind": event.kind, "at": event.at.isoformat()}
        try:
            requests.post(self.hook, json=body, headers=self.headers, timeout=5)
        except requests.ConnectionError:
            self.failed += 1
""",
)

LOCK = Absence(
    "lock",
    "python",
    "bank/accounts.py",
    bad="""def settle(account, amount):
    balance = account.balance()
    account.store(balance - amount)
    audit.write(account.id, amount)
""",
    good="""def settle(account, amount):
    with account.lock():
        balance = account.balance()
        account.store(balance - amount)
    audit.write(account.id, amount)
""",
    again="""def refund(order, reason):
    account = accounts.of(order.customer)
    balance = account.balance()
    account.store(balance + order.total)
    mail.send(order.customer, reason)
    return order.total
""",
    fixed_again="""def refund(order, reason):
    account = accounts.of(order.customer)
    with account.lock():
        balance = account.balance()
        account.store(balance + order.total)
    mail.send(order.customer, reason)
    return order.total
""",
)

GUARD = Absence(
    "guard",
    "python",
    "wire/frames.py",
    bad="""def read_header(stream):
    size = stream.read_uint()
    return stream.read_bytes(size)
""",
    good="""def read_header(stream):
    size = stream.read_uint()
    if size > MAX_HEADER:
        raise TooLong(size)
    return stream.read_bytes(size)
""",
    again="""def read_body(connection, kind):
    log.debug("body of %s", kind)
    length = connection.read_uint()
    payload = connection.read_bytes(length)
    return decoders[kind](payload)
""",
    fixed_again="""def read_body(connection, kind):
    log.debug("body of %s", kind)
    length = connection.read_uint()
    if length > MAX_BODY:
        raise TooLong(length)
    payload = connection.read_bytes(length)
    return decoders[kind](payload)
""",
)

OBJECT = Absence(
    "js",
    "javascript",
    "web/api.js",
    bad="""export async function load(id) {
  const reply = await axios.get(`/api/items/${id}`, { headers: auth() });
  return reply.data;
}
""",
    good="""export async function load(id) {
  const reply = await axios.get(`/api/items/${id}`, { headers: auth(), timeout: 5000 });
  return reply.data;
}
""",
    again="""async function refresh(store) {
  store.busy = true;
  const answer = await axios.get(store.url, { headers: store.headers, params: store.query });
  store.rows = answer.data.rows;
  store.busy = false;
}
""",
    fixed_again="""async function refresh(store) {
  store.busy = true;
  const answer = await axios.get(store.url, { headers: store.headers, params: store.query, timeout: 3000 });
  store.rows = answer.data.rows;
  store.busy = false;
}
""",
)

VERIFY = Absence(
    "verify",
    "python",
    "sync/pull.py",
    bad="""def pull(address):
    answer = session.get(address, verify=False)
    return answer.content
""",
    good="""def pull(address):
    answer = session.get(address, verify=True)
    return answer.content
""",
    again="""def healthy(host):
    page = session.get(f"https://{host}/health", verify=False, timeout=2)
    if page.status_code != 200:
        return None
    return page.json()["version"]
""",
    fixed_again="""def healthy(host):
    page = session.get(f"https://{host}/health", verify=True, timeout=2)
    if page.status_code != 200:
        return None
    return page.json()["version"]
""",
)

ABSENCES = (NO_LOG, TYPE, TIMEOUT, LOCK, GUARD, OBJECT, VERIFY)

each_absence = pytest.mark.parametrize("absence", ABSENCES, ids=lambda absence: absence.what)


def score(absence: Absence, before: Files, after: Files) -> float:
    """How much the place resembles the lesson; 0 when it is not even compared."""
    told = lesson(evidence=pair(absence.bad, absence.good, absence.path, absence.language))
    index = MemoryIndex([Unit(told, ())], [RecallCompiler()])
    seen = change(before, after)
    compared = candidates(seen, places_of(seen, index), index)
    return max((candidate.like.score for candidate in compared), default=0.0)


@each_absence
def test_the_same_without_the_fix_is_surer_than_with_it(absence: Absence) -> None:
    without = score(absence, {}, {"elsewhere/" + absence.path: absence.again})
    with_it = score(absence, {}, {"elsewhere/" + absence.path: absence.fixed_again})
    assert with_it < min(without, WORTH_TELLING)


@each_absence
def test_the_failure_is_surer_than_its_fix_when_it_comes_elsewhere(absence: Absence) -> None:
    assert score(absence, {}, {"elsewhere/" + absence.path: absence.bad}) > LOUD
    assert score(absence, {}, {"elsewhere/" + absence.path: absence.good}) < LOUD / 2


def test_a_keyword_that_is_missing_again_is_said_out_loud_where_the_call_is_written_alike() -> None:
    assert score(TYPE, {}, {TYPE.path: TYPE.again}) > LOUD


def test_taking_a_keyword_out_again_is_found_where_all_else_is_different() -> None:
    """The call alone, by its name and what it lacks, brings the lesson to the place."""
    assert score(TIMEOUT, {TIMEOUT.path: TIMEOUT.fixed_again}, {TIMEOUT.path: TIMEOUT.again}) > 0


def test_a_call_that_only_moves_lacks_nothing_new() -> None:
    before = {"a.py": TIMEOUT.again, "b.py": "import os\n"}
    assert score(TIMEOUT, before, {"a.py": "import os\n", "b.py": TIMEOUT.again}) == 0


def test_a_place_that_is_told_by_a_call_alone_points_at_the_call() -> None:
    told = lesson(evidence=pair(TIMEOUT.bad, TIMEOUT.good))
    seen = change({}, {"a.py": "import requests\n\n\n" + TIMEOUT.again})
    (finding,) = look(RecallGuard(0.0), RecallCompiler(), seen, told).findings
    assert (finding.start_line, finding.end_line) == (8, 8)
    assert finding.then == ("    reply = requests.post(PARTNER, json=order.dict())",)
