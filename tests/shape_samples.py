"""One small fix for each shape of edit in each language that claims it.

``bad`` failed and ``good`` is its fix. ``again`` is the same failure under other names, in another
order, among other code; ``other`` is correct, and written in another way than ``good``.
"""

from dataclasses import dataclass
from textwrap import dedent

from twiceshy.learning.learn.rule_candidates import Edit


@dataclass(frozen=True)
class ShapeSample:
    edit: Edit
    language: str
    bad: str
    good: str
    again: str
    other: str


SAMPLES: list[ShapeSample] = []


def sample(edit: Edit, language: str, *texts: str) -> None:
    frame = _FRAMES.get(language, "{}")
    bad, good, again, other = (frame.replace("{}", dedent(text).strip("\n")) for text in texts)
    SAMPLES.append(ShapeSample(edit, language, f"{bad}\n", f"{good}\n", f"{again}\n", f"{other}\n"))


_FRAMES = {
    "go": "package shop\n\n{}",
    "java": "class Shop {\n{}\n}",
    "csharp": "class Shop {\n{}\n}",
    "php": "<?php\n{}",
}

sample(
    Edit.GUARD,
    "python",
    """
    def title(text):
        match = PATTERN.search_title(text)
        note(text)
        return match.group(1)
    """,
    """
    def title(text):
        match = PATTERN.search_title(text)
        note(text)
        if match is None:
            return None
        return match.group(1)
    """,
    """
    def heading(page, strict):
        found = PATTERN.search_title(page)
        if strict:
            warn_about(page)
        for part in page:
            keep(part, found.group(1))
    """,
    """
    def heading(page):
        found = PATTERN.search_title(page)
        return found.group(1) if found else ""
    """,
)
sample(
    Edit.GUARD,
    "python",
    """
    def mean(prices):
        return total_of(prices) / count_of(prices)
    """,
    """
    def mean(prices):
        if not prices:
            return 0
        return total_of(prices) / count_of(prices)
    """,
    """
    def average(rows, label):
        log(label)
        share = count_of(rows)
        return total_of(rows) / share
    """,
    """
    def average(rows):
        assert rows, "no rows"
        return total_of(rows) / count_of(rows)
    """,
)
sample(
    Edit.GUARD,
    "python",
    """
    class Link:
        def close(self):
            self.sock.shutdown_all()
    """,
    """
    class Link:
        def close(self):
            if self.sock is not None:
                self.sock.shutdown_all()
    """,
    """
    class Other:
        def stop(self, now):
            if now:
                self.sock.shutdown_all()
            self.closed = True
    """,
    """
    class Other:
        def stop(self):
            if not self.sock:
                return
            self.log("closing")
            self.sock.shutdown_all()
    """,
)
for script in ("javascript", "typescript"):
    sample(
        Edit.GUARD,
        script,
        """
        function name(req) {
          const user = db.findUser(req.id);
          return user.profileName();
        }
        """,
        """
        function name(req) {
          const user = db.findUser(req.id);
          if (!user) return null;
          return user.profileName();
        }
        """,
        """
        function label(ctx, flag) {
          let owner = db.findUser(ctx.owner);
          if (flag) { note(flag); }
          show(owner.profileName());
        }
        """,
        """
        function label(ctx) {
          const owner = db.findUser(ctx.owner);
          return owner ? owner.profileName() : "";
        }
        """,
    )
    sample(
        Edit.GUARD,
        script,
        "function size(req) { return req.payload.totalBytes; }",
        "function size(req) { return req.payload?.totalBytes; }",
        "const width = (message) => { send(message.payload.totalBytes); };",
        "const width = (message) => message.payload && message.payload.totalBytes;",
    )
    sample(
        Edit.WRAPPED,
        script,
        "function show(node, text) { node.insertMarkup(text); }",
        "function show(node, text) { node.insertMarkup(escapeAll(text)); }",
        "function paint(page, words) { log(words); page.insertMarkup(words); }",
        'function paint(page, words) { page.insertMarkup("<b>"); page.insertMarkup(escapeAll(words)); }',
    )
    sample(
        Edit.AWAIT,
        script,
        "async function go(order) { saveOrder(order); done(); }",
        "async function go(order) { await saveOrder(order); done(); }",
        "async function again(bill, all) { all.map(one); saveOrder(bill.order); }",
        "async function again(bill) { const reply = await saveOrder(bill.order); show(reply); }",
    )
    sample(
        Edit.ARGUMENT,
        script,
        "function load(url) { return fetchPage(url, {retries: 3}); }",
        "function load(url) { return fetchPage(url, {retries: 3, timeout: 5}); }",
        "const read = (link) => { fetchPage(link.href, {cache: true}); };",
        "const read = (link) => { fetchPage(link.href, {timeout: 9, cache: true}); };",
    )
    sample(
        Edit.COMPARISON,
        script,
        "function has(list, one) { return list.positionOf(one) > 0; }",
        "function has(list, one) { return list.positionOf(one) >= 0; }",
        "const owns = (shelf, book) => { if (shelf.positionOf(book.id) > 0) take(book); };",
        "const owns = (shelf, book) => { if (shelf.positionOf(book.id) !== -1) take(book); };",
    )
    sample(
        Edit.CONSTANT,
        script,
        "function wait(job) { retryLater(job, 10); }",
        "function wait(job) { retryLater(job, 1000); }",
        "const pause = (work) => { log(work); retryLater(work, 50); };",
        "const pause = (work) => { retryLater(work, 5000); };",
    )
    sample(
        Edit.CALLEE,
        script,
        "function token() { return makeToken(random.pseudoBytes(16)); }",
        "function token() { return makeToken(random.secureBytes(16)); }",
        "const key = (length) => random.pseudoBytes(length);",
        "const key = (length) => random.secureBytes(length);",
    )
    sample(
        Edit.FOLLOWS,
        script,
        "function read(path) { const handle = openHandle(path); use(handle); }",
        "function read(path) { const handle = openHandle(path); use(handle); handle.release(); }",
        "function load(name, flag) { if (flag) { const held = openHandle(name); held.rewind(); } }",
        "function load(name) { const held = openHandle(name); try { use(held); } finally { held.release(); } }",
    )
    sample(
        Edit.PRECEDES,
        script,
        "function ship(order) { warehouse.dispatch(order); }",
        "function ship(order) { order.markPaid(); warehouse.dispatch(order); }",
        "const send = (parcel, log) => { log(parcel.id); warehouse.dispatch(parcel); };",
        "const send = (parcel) => { parcel.markPaid(); note(); warehouse.dispatch(parcel); };",
    )
    sample(
        Edit.HANDLER,
        script,
        "function parse(text) { const tree = parseTree(text); return tree; }",
        "function parse(text) { try { const tree = parseTree(text); return tree; } catch (e) { return null; } }",
        "const scan = (words) => { note(words); show(parseTree(words)); };",
        "const scan = (words) => { try { note(words); show(parseTree(words)); } catch (problem) { tell(problem); } };",
    )
    sample(
        Edit.MOVED,
        script,
        "function drop(item) { registry.forget(item); emitter.announce(item); }",
        "function drop(item) { emitter.announce(item); registry.forget(item); }",
        "const lose = (thing) => { registry.forget(thing); log(); emitter.announce(thing); };",
        "const lose = (thing) => { emitter.announce(thing); log(); registry.forget(thing); };",
    )
sample(
    Edit.GUARD,
    "go",
    """
    func load(path string) {
        reply, err := store.FetchAll(path)
        use(reply.Body)
    }
    """,
    """
    func load(path string) {
        reply, err := store.FetchAll(path)
        if err != nil {
            return
        }
        use(reply.Body)
    }
    """,
    """
    func read(s *Shop, name string) {
        rows, problem := store.FetchAll(s.folder)
        log.Print(name, problem)
        for range rows.Items {
        }
    }
    """,
    """
    func read(name string) ([]string, error) {
        rows, problem := store.FetchAll(name)
        return rows, problem
    }
    """,
)
sample(
    Edit.GUARD,
    "go",
    "func (s *Shop) Save(order *Order) {\n\ts.archive.KeepOrder(order)\n}",
    "func (s *Shop) Save(order *Order) {\n\tif s.archive == nil {\n\t\treturn\n\t}\n\ts.archive.KeepOrder(order)\n}",
    "func (m *Market) Done(sale *Order, now bool) {\n\tif now {\n\t\tm.archive.KeepOrder(sale)\n\t}\n}",
    "func (m *Market) Done(sale *Order) {\n\tif m.archive != nil {\n\t\tnote(sale)\n\t\tm.archive.KeepOrder(sale)\n\t}\n}",
)
sample(
    Edit.GUARD,
    "java",
    "String name(Session session) { User user = session.findUser(); return user.shortName(); }",
    "String name(Session session) { User user = session.findUser(); if (user == null) { return null; } return user.shortName(); }",
    "void show(Session open, int size) { var owner = open.findUser(); log(size); print(owner.shortName()); }",
    "void show(Session open) { User owner = open.findUser(); Objects.requireNonNull(owner); print(owner.shortName()); }",
)
sample(
    Edit.GUARD,
    "java",
    "void keep(Order order) { archive.storeOrder(order); }",
    "void keep(Order order) { Objects.requireNonNull(order); archive.storeOrder(order); }",
    "void save(Order sale, int count) { log(count); archive.storeOrder(sale); }",
    "void save(Order sale) { if (sale != null) { archive.storeOrder(sale); } }",
)
sample(
    Edit.GUARD,
    "ruby",
    "def title(page)\n  match = page.find_title(1)\n  match.first_group(1)\nend",
    "def title(page)\n  match = page.find_title(1)\n  return nil if match.nil?\n  match.first_group(1)\nend",
    "def head(sheet, flag)\n  found = sheet.find_title(2)\n  log(flag)\n  show(found.first_group(1))\nend",
    "def head(sheet)\n  found = sheet.find_title(2)\n  if found\n    show(found.first_group(1))\n  end\nend",
)
sample(
    Edit.GUARD,
    "php",
    "function name($id) { $user = findUser($id); return $user->shortName(); }",
    "function name($id) { $user = findUser($id); if ($user === null) { return null; } return $user->shortName(); }",
    "function label($key, $flag) { $owner = findUser($key); log2($flag); show($owner->shortName()); }",
    "function label($key) { $owner = findUser($key); return $owner ? $owner->shortName() : ''; }",
)
sample(
    Edit.GUARD,
    "csharp",
    "string Name(Session s) { var user = s.FindUser(1); return user.ShortName(); }",
    "string Name(Session s) { var user = s.FindUser(1); if (user == null) return null; return user.ShortName(); }",
    "void Show(Session open, int n) { var owner = open.FindUser(n); Log(n); Print(owner.ShortName()); }",
    "void Show(Session open) { var owner = open.FindUser(2); if (owner != null) { Print(owner.ShortName()); } }",
)
sample(
    Edit.GUARD,
    "kotlin",
    "fun name(s: Session): String? {\n  val user = s.findUser(1)\n  return user.shortName()\n}",
    "fun name(s: Session): String? {\n  val user = s.findUser(1)\n  if (user == null) return null\n  return user.shortName()\n}",
    "fun show(open: Session, n: Int) {\n  val owner = open.findUser(n)\n  log(n)\n  print(owner.shortName())\n}",
    "fun show(open: Session) {\n  val owner = open.findUser(2)\n  if (owner != null) {\n    print(owner.shortName())\n  }\n}",
)
sample(
    Edit.GUARD,
    "rust",
    "fn name(list: &List) { let user = list.find_user(1); show(user.short_name()); }",
    "fn name(list: &List) { let user = list.find_user(1); if user.is_gone() { return; } show(user.short_name()); }",
    "fn label(all: &List, n: u32) { let owner = all.find_user(n); log(n); print(owner.short_name()); }",
    "fn label(all: &List) { let owner = all.find_user(2); if !owner.is_gone() { print(owner.short_name()); } }",
)
for plain in ("c", "cpp"):
    sample(
        Edit.GUARD,
        plain,
        "void keep(int n) { char *text = take_buffer(n); fill_buffer(text, n); }",
        "void keep(int n) { char *text = take_buffer(n); if (!text) return; fill_buffer(text, n); }",
        "void save(int size) { char *area; area = take_buffer(size); log_it(size); fill_buffer(area, 0); }",
        "void save(int size) { char *area = take_buffer(size); if (area != NULL) { fill_buffer(area, 0); } }",
    )
sample(
    Edit.WRAPPED,
    "python",
    "def find(self, text):\n    self.db.run_query(text)",
    "def find(self, text):\n    self.db.run_query(quoted(text))",
    "def seek(self, words, flag):\n    log(flag)\n    return self.db.run_query(words)",
    'def seek(self, words):\n    self.db.run_query("select 1")\n    return self.db.run_query(quoted(words))',
)
sample(
    Edit.WRAPPED,
    "go",
    "func find(text string) {\n\tdb.RunQuery(text)\n}",
    "func find(text string) {\n\tdb.RunQuery(quoted(text))\n}",
    "func seek(words string, n int) {\n\tlog.Print(n)\n\trows := db.RunQuery(words)\n\tuse(rows)\n}",
    'func seek(words string) {\n\tdb.RunQuery("select 1")\n\tdb.RunQuery(quoted(words))\n}',
)
sample(
    Edit.WRAPPED,
    "java",
    "void find(String text) { db.runQuery(text); }",
    "void find(String text) { db.runQuery(quoted(text)); }",
    "void seek(String words, int n) { log(n); Rows rows = db.runQuery(words); }",
    'void seek(String words) { db.runQuery("select 1"); db.runQuery(quoted(words)); }',
)
sample(
    Edit.ARGUMENT,
    "python",
    "import requests\n\ndef charge(order):\n    return requests.post(order.url, json=order)",
    "import requests\n\ndef charge(order):\n    return requests.post(order.url, json=order, timeout=3)",
    "import requests\n\ndef refund(bill, link):\n    log(bill)\n    requests.post(link)",
    "import requests\n\ndef refund(bill, **options):\n    requests.post(bill, timeout=9)\n    requests.post(bill, **options)",
)
sample(
    Edit.ARGUMENT,
    "go",
    "func serve(address string) {\n\ts := &http.Server{Addr: address}\n\ts.Run()\n}",
    "func serve(address string) {\n\ts := &http.Server{Addr: address, ReadTimeout: limit}\n\ts.Run()\n}",
    "func open(h Handler, port string) *http.Server {\n\treturn &http.Server{Handler: h, Addr: port}\n}",
    "func open(h Handler) *http.Server {\n\treturn &http.Server{ReadTimeout: 5, Handler: h}\n}",
)
sample(
    Edit.ARGUMENT,
    "java",
    "void find(User user) { directory.lookupUser(user); }",
    "void find(User user) { directory.lookupUser(user, true); }",
    "void seek(User owner, int n) { log(n); print(directory.lookupUser(owner.base())); }",
    "void seek(User owner) { print(directory.lookupUser(owner, false)); }",
)
sample(
    Edit.ARGUMENT,
    "kotlin",
    "fun find(user: User) {\n  directory.lookupUser(user)\n}",
    "fun find(user: User) {\n  directory.lookupUser(user, deep = true)\n}",
    "fun seek(owner: User, n: Int) {\n  log(n)\n  print(directory.lookupUser(owner))\n}",
    "fun seek(owner: User) {\n  print(directory.lookupUser(owner, deep = false))\n}",
)
sample(
    Edit.ARGUMENT,
    "ruby",
    "def charge(order)\n  client.post_order(order, retries: 2)\nend",
    "def charge(order)\n  client.post_order(order, retries: 2, timeout: 3)\nend",
    "def refund(bill, n)\n  log(n)\n  client.post_order(bill)\nend",
    "def refund(bill)\n  client.post_order(bill, timeout: 9)\nend",
)
sample(
    Edit.ARGUMENT,
    "csharp",
    "void Find(User user) { directory.LookupUser(user, level: 2); }",
    "void Find(User user) { directory.LookupUser(user, level: 2, deep: true); }",
    "void Seek(User owner, int n) { Log(n); Print(directory.LookupUser(owner)); }",
    "void Seek(User owner) { Print(directory.LookupUser(owner, deep: false)); }",
)
sample(
    Edit.COMPARISON,
    "python",
    "def full(shelf, room):\n    return len(shelf) > room.capacity",
    "def full(shelf, room):\n    return len(shelf) >= room.capacity",
    "def packed(box, van):\n    if len(box) > van.capacity:\n        stop()",
    "def packed(box, van):\n    if van.capacity <= len(box):\n        stop()",
)
sample(
    Edit.COMPARISON,
    "go",
    "func full(shelf Shelf) bool {\n\treturn shelf.countAll() > maxItems\n}",
    "func full(shelf Shelf) bool {\n\treturn shelf.countAll() >= maxItems\n}",
    "func packed(box Shelf) {\n\tif box.countAll() > maxItems {\n\t\tstop()\n\t}\n}",
    "func packed(box Shelf) {\n\tif maxItems <= box.countAll() {\n\t\tstop()\n\t}\n}",
)
sample(
    Edit.COMPARISON,
    "java",
    "boolean same(User user, String name) { return user.getName() == name; }",
    "boolean same(User user, String name) { return user.getName().equals(name); }",
    "void check(User owner, String label) { if (owner.getName() == label) { stop(); } }",
    "void check(User owner, String label) { if (label.equals(owner.getName())) { stop(); } }",
)
sample(
    Edit.COMPARISON,
    "c",
    "int full(struct shelf *s) { return count_items(s) > MOST_ITEMS; }",
    "int full(struct shelf *s) { return count_items(s) >= MOST_ITEMS; }",
    "void pack(struct shelf *box) { if (count_items(box) > MOST_ITEMS) stop(); }",
    "void pack(struct shelf *box) { if (MOST_ITEMS <= count_items(box)) stop(); }",
)
sample(
    Edit.CONSTANT,
    "python",
    "def open(self):\n    return pool.connect_to(HOST, size=5)",
    "def open(self):\n    return pool.connect_to(HOST, size=50)",
    "def start(place):\n    link = pool.connect_to(place, size=20, lazy=True)",
    "def start(place):\n    link = pool.connect_to(place, lazy=True, size=100)",
)
sample(
    Edit.CONSTANT,
    "go",
    "func wait(job Job) {\n\tretryLater(job, 10)\n}",
    "func wait(job Job) {\n\tretryLater(job, 1000)\n}",
    "func pause(work Job, n int) {\n\tlog.Print(n)\n\tretryLater(work, 50)\n}",
    "func pause(work Job) {\n\tretryLater(work, 5000)\n}",
)
sample(
    Edit.CONSTANT,
    "java",
    "void wait(Job job) { queue.retryLater(job, 10); }",
    "void wait(Job job) { queue.retryLater(job, 1000); }",
    "void pause(Job work, int n) { log(n); queue.retryLater(work, 50); }",
    "void pause(Job work) { queue.retryLater(work, 5000); }",
)
sample(
    Edit.CALLEE,
    "python",
    "import yaml\n\ndef read(text):\n    return yaml.load(text)",
    "import yaml\n\ndef read(text):\n    return yaml.safe_load(text)",
    "import yaml\n\ndef settings(path, flag):\n    with open(path) as file:\n        use(yaml.load(file), flag)",
    "import yaml\n\ndef settings(path):\n    with open(path) as file:\n        use(yaml.safe_load(file))",
)
sample(
    Edit.CALLEE,
    "go",
    "func key(size int) []byte {\n\treturn pseudo.FillBytes(size)\n}",
    "func key(size int) []byte {\n\treturn secure.FillBytes(size)\n}",
    "func token(n int) {\n\tlog.Print(n)\n\tuse(pseudo.FillBytes(n + 1))\n}",
    "func token(n int) {\n\tuse(secure.FillBytes(n + 1))\n}",
)
sample(
    Edit.CALLEE,
    "java",
    "byte[] key(int size) { return Pseudo.fillBytes(size); }",
    "byte[] key(int size) { return Secure.fillBytes(size); }",
    "void token(int n) { log(n); use(Pseudo.fillBytes(n + 1)); }",
    "void token(int n) { use(Secure.fillBytes(n + 1)); }",
)
sample(
    Edit.CALLEE,
    "php",
    "function key($size) { return pseudo_bytes($size); }",
    "function key($size) { return secure_bytes($size); }",
    "function token($n) { log2($n); use2(pseudo_bytes($n + 1)); }",
    "function token($n) { use2(secure_bytes($n + 1)); }",
)
sample(
    Edit.FOLLOWS,
    "python",
    "def read(path):\n    handle = open_handle(path)\n    use(handle)",
    "def read(path):\n    handle = open_handle(path)\n    use(handle)\n    handle.release()",
    "def load(name, flag):\n    if flag:\n        held = open_handle(name)\n        held.rewind()",
    "def load(name):\n    held = open_handle(name)\n    try:\n        use(held)\n    finally:\n        held.release()",
)
sample(
    Edit.FOLLOWS,
    "go",
    "func load(link string) {\n\treply, err := client.FetchPage(link)\n\tif err != nil {\n\t\treturn\n\t}\n\tuse(reply)\n}",
    "func load(link string) {\n\treply, err := client.FetchPage(link)\n\tif err != nil {\n\t\treturn\n\t}\n\tdefer reply.Body.Close()\n\tuse(reply)\n}",
    "func read(c *Client, url string) {\n\tpage, problem := client.FetchPage(url)\n\tcheck(problem)\n\tshow(page.Title)\n}",
    "func read(url string) {\n\tpage, problem := client.FetchPage(url)\n\tcheck(problem)\n\tshow(page.Title)\n\tpage.Body.Close()\n}",
)
sample(
    Edit.FOLLOWS,
    "go",
    "func (s *Shop) Put(n int) {\n\ts.guardLock.Lock()\n\ts.keep(n)\n}",
    "func (s *Shop) Put(n int) {\n\ts.guardLock.Lock()\n\tdefer s.guardLock.Unlock()\n\ts.keep(n)\n}",
    "func (m *Market) Add(n int) {\n\tlog.Print(n)\n\tm.guardLock.Lock()\n\tm.total += n\n}",
    "func (m *Market) Add(n int) {\n\tm.guardLock.Lock()\n\tm.total += n\n\tm.guardLock.Unlock()\n}",
)
sample(
    Edit.FOLLOWS,
    "java",
    "void read(Path path) { Handle handle = files.openHandle(path); use(handle); }",
    "void read(Path path) { Handle handle = files.openHandle(path); use(handle); handle.release(); }",
    "void load(Path name, int n) { var held = files.openHandle(name); log(n); held.rewind(); }",
    "void load(Path name) { Handle held = files.openHandle(name); try { use(held); } finally { held.release(); } }",
)
sample(
    Edit.FOLLOWS,
    "c",
    "void keep(int n) { char *text = take_buffer(n); use_it(text); }",
    "void keep(int n) { char *text = take_buffer(n); use_it(text); give_back(text); }",
    "void save(int size) { char *area = take_buffer(size); log_it(size); }",
    "char *save(int size) { char *area = take_buffer(size); return area; }",
)
sample(
    Edit.PRECEDES,
    "python",
    "def ship(self, order):\n    self.warehouse.dispatch(order)",
    "def ship(self, order):\n    order.mark_paid()\n    self.warehouse.dispatch(order)",
    "def send(self, parcel, log):\n    log(parcel.id)\n    self.warehouse.dispatch(parcel)",
    "def send(self, parcel):\n    parcel.mark_paid()\n    note()\n    self.warehouse.dispatch(parcel)",
)
sample(
    Edit.PRECEDES,
    "go",
    "func ship(order *Order) {\n\twarehouse.Dispatch(order)\n}",
    "func ship(order *Order) {\n\torder.MarkPaid()\n\twarehouse.Dispatch(order)\n}",
    "func send(parcel *Order, n int) {\n\tlog.Print(n)\n\twarehouse.Dispatch(parcel)\n}",
    "func send(parcel *Order) {\n\tparcel.MarkPaid()\n\tnote()\n\twarehouse.Dispatch(parcel)\n}",
)
sample(
    Edit.PRECEDES,
    "java",
    "void ship(Order order) { warehouse.dispatch(order); }",
    "void ship(Order order) { order.markPaid(); warehouse.dispatch(order); }",
    "void send(Order parcel, int n) { log(n); warehouse.dispatch(parcel); }",
    "void send(Order parcel) { parcel.markPaid(); note(); warehouse.dispatch(parcel); }",
)
sample(
    Edit.HANDLER,
    "python",
    "def page(link):\n    fetch_page(link)\n    done()",
    "def page(link):\n    try:\n        fetch_page(link)\n    except PageError:\n        note(link)\n    done()",
    "def site(pages, flag):\n    for one in pages:\n        show(fetch_page(one), flag)",
    "def site(pages):\n    try:\n        show(fetch_page(pages))\n    except (OSError, PageError) as problem:\n        tell(problem)",
)
sample(
    Edit.HANDLER,
    "python",
    "class Box:\n    def put(self, one):\n        self.items.push_left(one)\n        self.count += 1",
    "class Box:\n    def put(self, one):\n        with self._lock:\n            self.items.push_left(one)\n        self.count += 1",
    "class Crate:\n    def add(self, thing, flag):\n        if flag:\n            self.items.push_left(thing)",
    "class Crate:\n    def add(self, thing):\n        with self._lock:\n            log(thing)\n            self.items.push_left(thing)",
)
sample(
    Edit.HANDLER,
    "java",
    "void send(Pool pool) { Link link = pool.acquire(); link.sendAll(); }",
    "void send(Pool pool) { Link link = pool.acquire(); try { link.sendAll(); } finally { link.release(); } }",
    "void push(Pool all, int n) { Link one = all.acquire(); log(n); one.sendAll(); }",
    "void push(Pool all) { Link one = all.acquire(); try { log(1); one.sendAll(); } finally { note(); one.release(); } }",
)
sample(
    Edit.HANDLER,
    "java",
    "void parse(String text) { reader.parseTree(text); }",
    "void parse(String text) { try { reader.parseTree(text); } catch (TreeException e) { note(e); } }",
    "void scan(String words, int n) { log(n); show(reader.parseTree(words)); }",
    "void scan(String words) { try { show(reader.parseTree(words)); } catch (IOException | TreeException problem) { stop(); } }",
)
sample(
    Edit.MOVED,
    "python",
    "def drop(item):\n    registry.forget(item)\n    emitter.announce(item)",
    "def drop(item):\n    emitter.announce(item)\n    registry.forget(item)",
    "def lose(thing):\n    registry.forget(thing)\n    log(thing)\n    emitter.announce(thing)",
    "def lose(thing):\n    emitter.announce(thing)\n    log(thing)\n    registry.forget(thing)",
)
sample(
    Edit.MOVED,
    "go",
    "func drop(item Item) {\n\tregistry.Forget(item)\n\temitter.Announce(item)\n}",
    "func drop(item Item) {\n\temitter.Announce(item)\n\tregistry.Forget(item)\n}",
    "func lose(thing Item) {\n\tregistry.Forget(thing)\n\tlog.Print()\n\temitter.Announce(thing)\n}",
    "func lose(thing Item) {\n\temitter.Announce(thing)\n\tlog.Print()\n\tregistry.Forget(thing)\n}",
)
sample(
    Edit.MOVED,
    "java",
    "void drop(Item item) { registry.forget(item); emitter.announce(item); }",
    "void drop(Item item) { emitter.announce(item); registry.forget(item); }",
    "void lose(Item thing) { registry.forget(thing); log(1); emitter.announce(thing); }",
    "void lose(Item thing) { emitter.announce(thing); log(1); registry.forget(thing); }",
)
sample(
    Edit.KEY,
    "yaml",
    "spec:\n  containers:\n    - name: web\n      image: shop\n",
    "spec:\n  containers:\n    - name: web\n      image: shop\n      resources:\n        limits:\n          memory: 1Gi\n",
    "spec:\n  containers:\n    - image: other\n      name: api\n      ports: [80]\n",
    "spec:\n  containers:\n    - resources:\n        requests:\n          memory: 2Gi\n      name: api\n      image: other\n",
)
sample(
    Edit.KEY,
    "yaml",
    "web:\n  replicas: 1\n  port: 80\n",
    "web:\n  replicas: 3\n  port: 80\n",
    "spec:\n  port: 81\n  replicas: 2\n",
    "spec:\n  port: 81\n  replicas: 5\n",
)
sample(
    Edit.KEY,
    "hcl",
    'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}',
    'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n  versioning {\n    enabled = true\n  }\n}',
    'resource "aws_s3_bucket" "data" {\n  tags   = local.tags\n  bucket = "data"\n}',
    'resource "aws_s3_bucket" "data" {\n  versioning {\n    enabled = var.on\n  }\n  bucket = "data"\n}',
)
sample(
    Edit.KEY,
    "hcl",
    'resource "aws_db_instance" "main" {\n  publicly_accessible = true\n}',
    'resource "aws_db_instance" "main" {\n  publicly_accessible = false\n}',
    'resource "aws_db_instance" "copy" {\n  engine              = "x"\n  publicly_accessible = true\n}',
    'resource "aws_db_instance" "copy" {\n  engine              = "x"\n  publicly_accessible = var.open\n}',
)
