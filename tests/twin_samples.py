"""Twins: failures of some lessons once more, by other people, in other classes, under other names
throughout, and each twin as it would have been with the fix.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Twin:
    """A lesson's pair, and code of the same structure with and without its mistake."""

    name: str
    language: str
    bad: str
    good: str
    failing: str  # the twin that makes the mistake again
    correct: str  # the twin that does not


_FLUSH = """\
    def flush(self):
        if not self._group_buffer:
            return 0
        batch = list(self._group_buffer)
        self._group_buffer.clear()
        for entry in batch:
            self._publish(entry.topic, entry.body)
        return len(batch)
"""
_FLUSH_FIXED = """\
    def flush(self):
        with self.mutex:
            if not self._group_buffer:
                return 0
            batch = list(self._group_buffer)
            self._group_buffer.clear()
        for entry in batch:
            self._publish(entry.topic, entry.body)
        return len(batch)
"""
_DRAIN = """\
    def drain(self):
        if not self.pending:
            return 0
        letters = list(self.pending)
        self.pending.clear()
        for letter in letters:
            self.send(letter.address, letter.text)
        return len(letters)
"""
_DRAIN_LOCKED = """\
    def drain(self):
        with self.lock:
            if not self.pending:
                return 0
            letters = list(self.pending)
            self.pending.clear()
        for letter in letters:
            self.send(letter.address, letter.text)
        return len(letters)
"""

_RETRY = """\
def deliver(message):
    attempt = 0
    while True:
        try:
            return broker.submit(message, timeout=PATIENCE)
        except BrokerBusy as busy:
            attempt += 1
            log.warning("busy, attempt %d: %s", attempt, busy)
            time.sleep(PAUSE)
"""
_RETRY_BOUNDED = """\
def deliver(message):
    attempt = 0
    while True:
        try:
            return broker.submit(message, timeout=PATIENCE)
        except BrokerBusy as busy:
            attempt += 1
            if attempt >= MOST_ATTEMPTS:
                raise
            log.warning("busy, attempt %d: %s", attempt, busy)
            time.sleep(PAUSE * 2**attempt)
"""
_CHARGE = """\
def charge(invoice):
    tries = 0
    while True:
        try:
            return gateway.collect(invoice, timeout=GATEWAY_SECONDS)
        except GatewayDown as problem:
            tries += 1
            logger.warning("gateway down, try %d: %s", tries, problem)
            time.sleep(WAIT)
"""
_CHARGE_BOUNDED = """\
def charge(invoice):
    tries = 0
    while True:
        try:
            return gateway.collect(invoice, timeout=GATEWAY_SECONDS)
        except GatewayDown as problem:
            tries += 1
            if tries >= ENOUGH:
                raise
            logger.warning("gateway down, try %d: %s", tries, problem)
            time.sleep(WAIT * 2**tries)
"""

_SWEEP = """\
    def expire(self, now):
        for key, session in self.sessions.items():
            if session.last_seen + self.idle_seconds < now:
                session.close()
                del self.sessions[key]
        self.swept_at = now
"""
_SWEEP_FIXED = """\
    def expire(self, now):
        for key, session in list(self.sessions.items()):
            if session.last_seen + self.idle_seconds < now:
                session.close()
                del self.sessions[key]
        self.swept_at = now
"""
_PRUNE = """\
    def prune(self, today):
        for name, lease in self._leases.items():
            if lease.granted + self._term < today:
                lease.revoke()
                del self._leases[name]
        self._pruned = today
"""
_PRUNE_FIXED = """\
    def prune(self, today):
        for name, lease in list(self._leases.items()):
            if lease.granted + self._term < today:
                lease.revoke()
                del self._leases[name]
        self._pruned = today
"""

_PICK = """\
func (r *Resolver) pick(now time.Time) *Upstream {
	var longest time.Duration
	for _, u := range r.upstreams {
		if rtt := now.Sub(u.sentAt); rtt > longest {
			longest = rtt
		}
	}
	spread := now.Sub(r.lastReply)
	if spread == 0 {
		spread = defaultSpread
	}
	return r.byWeight(longest, rand.Int63n(int64(spread)))
}
"""
_PICK_FIXED = _PICK.replace("spread == 0", "spread <= 0")
_ELECT = """\
func (q *Quorum) elect(at time.Time) *Member {
	var oldest time.Duration
	for _, m := range q.members {
		if age := at.Sub(m.joined); age > oldest {
			oldest = age
		}
	}
	quiet := at.Sub(q.heartbeat)
	if quiet == 0 {
		quiet = shortestQuiet
	}
	return q.ranked(oldest, rand.Int63n(int64(quiet)))
}
"""
_ELECT_FIXED = _ELECT.replace("quiet == 0", "quiet <= 0")

_POOL = """\
func (p *Pool) Acquire(ctx context.Context) (*Conn, error) {
	p.mu.Lock()
	if p.closed {
		return nil, ErrPoolClosed
	}
	if n := len(p.idle); n > 0 {
		conn := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return conn, nil
	}
	p.mu.Unlock()
	return p.dial(ctx)
}
"""
_POOL_FIXED = _POOL.replace("\t\treturn nil, Err", "\t\tp.mu.Unlock()\n\t\treturn nil, Err")
_SHELF = """\
func (s *Spool) Take(ctx context.Context) (*Page, error) {
	s.guard.Lock()
	if s.done {
		return nil, errSpoolDone
	}
	if left := len(s.free); left > 0 {
		page := s.free[left-1]
		s.free = s.free[:left-1]
		s.guard.Unlock()
		return page, nil
	}
	s.guard.Unlock()
	return s.allocate(ctx)
}
"""
_SHELF_FIXED = _SHELF.replace("\t\treturn nil, err", "\t\ts.guard.Unlock()\n\t\treturn nil, err")

_HEARTBEAT = """\
int answer_heartbeat(struct conn *c, const unsigned char *record, size_t record_len)
{
    const unsigned char *p = record + 1;
    uint16_t claimed;
    uint16_t wire;

    memcpy(&wire, p, sizeof(wire));
    claimed = ntohs(wire);
    p += 2;
    unsigned char *reply = malloc(3 + claimed + PADDING);
    if (reply == NULL)
        return -1;
    reply[0] = HEARTBEAT_RESPONSE;
    memcpy(reply + 3, p, claimed);
    return send_record(c, reply, 3 + claimed + PADDING);
}
"""
_HEARTBEAT_FIXED = _HEARTBEAT.replace(
    "    unsigned char *reply",
    "    if (3 + (size_t)claimed + PADDING > record_len)\n        return 0;\n    unsigned char *reply",
)
_ECHO = """\
int echo_frame(struct link *l, const unsigned char *frame, size_t frame_size)
{
    const unsigned char *cursor = frame + 1;
    uint16_t length;
    uint16_t raw;

    memcpy(&raw, cursor, sizeof(raw));
    length = ntohs(raw);
    cursor += 2;
    unsigned char *answer = malloc(5 + length + TRAILER);
    if (answer == NULL)
        return -1;
    answer[0] = FRAME_ECHO;
    memcpy(answer + 5, cursor, length);
    return push_frame(l, answer, 5 + length + TRAILER);
}
"""
_ECHO_FIXED = _ECHO.replace(
    "    unsigned char *answer",
    "    if (5 + (size_t)length + TRAILER > frame_size)\n        return 0;\n"
    "    unsigned char *answer",
)

_REFRESH = """\
pub fn refresh(&mut self, path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_default();
    let rows: Vec<FeatureRow> = serde_json::from_str(&text).unwrap();
    self.features.clear();
    for row in rows {
        self.features.push(Feature::from(row));
    }
    self.loaded_at = Instant::now();
}
"""
_REFRESH_FIXED = """\
pub fn refresh(&mut self, path: &Path) -> Result<(), LoadError> {
    let text = fs::read_to_string(path)?;
    let rows: Vec<FeatureRow> = serde_json::from_str(&text).map_err(LoadError::Malformed)?;
    if rows.len() > MAX_FEATURES {
        return Err(LoadError::TooMany { found: rows.len(), limit: MAX_FEATURES });
    }
    self.features = rows.into_iter().map(Feature::from).collect();
    self.loaded_at = Instant::now();
    Ok(())
}
"""
_RELOAD = """\
pub fn reload(&mut self, file: &Path) {
    let source = fs::read_to_string(file).unwrap_or_default();
    let entries: Vec<RouteEntry> = serde_json::from_str(&source).unwrap();
    self.routes.clear();
    for entry in entries {
        self.routes.push(Route::from(entry));
    }
    self.fresh_since = Instant::now();
}
"""
_RELOAD_FIXED = """\
pub fn reload(&mut self, file: &Path) -> Result<(), RouteError> {
    let source = fs::read_to_string(file)?;
    let entries: Vec<RouteEntry> = serde_json::from_str(&source).map_err(RouteError::Broken)?;
    if entries.len() > MOST_ROUTES {
        return Err(RouteError::Flood { got: entries.len(), most: MOST_ROUTES });
    }
    self.routes = entries.into_iter().map(Route::from).collect();
    self.fresh_since = Instant::now();
    Ok(())
}
"""

_CACHE = """\
    public Price priceOf(String sku) {
        Price known = prices.get(sku);
        if (known == null || known.isOlderThan(maxAge)) {
            known = catalog.fetch(sku);
            prices.put(sku, known);
            if (prices.size() > LIMIT) {
                prices.clear();
            }
        }
        return known;
    }
"""
_CACHE_FIXED = """\
    public Price priceOf(String sku) {
        Price known = prices.get(sku);
        if (known == null || known.isOlderThan(maxAge)) {
            known = catalog.fetch(sku);
            if (known == null) {
                return Price.UNKNOWN;
            }
            prices.put(sku, known);
            if (prices.size() > LIMIT) {
                prices.remove(oldest());
            }
        }
        return known;
    }
"""
_TOKENS = """\
    public Session sessionFor(String token) {
        Session open = sessions.get(token);
        if (open == null || open.expiredBefore(cutoff)) {
            open = directory.resolve(token);
            sessions.put(token, open);
            if (sessions.size() > MOST_SESSIONS) {
                sessions.clear();
            }
        }
        return open;
    }
"""
_TOKENS_FIXED = """\
    public Session sessionFor(String token) {
        Session open = sessions.get(token);
        if (open == null || open.expiredBefore(cutoff)) {
            open = directory.resolve(token);
            if (open == null) {
                return Session.ANONYMOUS;
            }
            sessions.put(token, open);
            if (sessions.size() > MOST_SESSIONS) {
                sessions.remove(eldest());
            }
        }
        return open;
    }
"""

_READER = """\
    List<Row> load(File source) throws IOException {
        BufferedReader reader = new BufferedReader(new FileReader(source));
        List<Row> rows = new ArrayList<>();
        String line;
        while ((line = reader.readLine()) != null) {
            rows.add(parser.parse(line));
        }
        reader.close();
        return rows;
    }
"""
_READER_FIXED = """\
    List<Row> load(File source) throws IOException {
        try (BufferedReader reader = new BufferedReader(new FileReader(source))) {
            List<Row> rows = new ArrayList<>();
            String line;
            while ((line = reader.readLine()) != null) {
                rows.add(parser.parse(line));
            }
            return rows;
        }
    }
"""
_IMPORT = """\
    List<Booking> importAll(File ledger) throws IOException {
        BufferedReader input = new BufferedReader(new FileReader(ledger));
        List<Booking> bookings = new ArrayList<>();
        String text;
        while ((text = input.readLine()) != null) {
            bookings.add(format.read(text));
        }
        input.close();
        return bookings;
    }
"""
_IMPORT_FIXED = """\
    List<Booking> importAll(File ledger) throws IOException {
        try (BufferedReader input = new BufferedReader(new FileReader(ledger))) {
            List<Booking> bookings = new ArrayList<>();
            String text;
            while ((text = input.readLine()) != null) {
                bookings.add(format.read(text));
            }
            return bookings;
        }
    }
"""

_SAVE = """\
async function saveAll(orders) {
  const failed = [];
  orders.forEach(async (order) => {
    try {
      await store.save(order);
    } catch (error) {
      failed.push({ id: order.id, error });
    }
  });
  return failed;
}
"""
_SAVE_FIXED = """\
async function saveAll(orders) {
  const failed = [];
  for (const order of orders) {
    try {
      await store.save(order);
    } catch (error) {
      failed.push({ id: order.id, error });
    }
  }
  return failed;
}
"""
_NOTIFY = """\
async function notifyEach(members) {
  const unreached = [];
  members.forEach(async (member) => {
    try {
      await mailer.post(member);
    } catch (problem) {
      unreached.push({ name: member.name, problem });
    }
  });
  return unreached;
}
"""
_NOTIFY_FIXED = """\
async function notifyEach(members) {
  const unreached = [];
  for (const member of members) {
    try {
      await mailer.post(member);
    } catch (problem) {
      unreached.push({ name: member.name, problem });
    }
  }
  return unreached;
}
"""

_POLL = """\
  start(source: string): void {
    this.timer = setInterval(async () => {
      const page = await this.client.fetchPage(source, this.cursor);
      this.cursor = page.next;
      this.listeners.forEach((listen) => listen(page.items));
    }, this.period);
  }
"""
_POLL_FIXED = """\
  start(source: string): void {
    if (this.timer !== undefined) {
      clearInterval(this.timer);
    }
    this.timer = setInterval(async () => {
      const page = await this.client.fetchPage(source, this.cursor);
      this.cursor = page.next;
      this.listeners.forEach((listen) => listen(page.items));
    }, this.period);
  }
"""
_WATCH = """\
  watch(symbol: string): void {
    this.ticker = setInterval(async () => {
      const quote = await this.exchange.latest(symbol, this.version);
      this.version = quote.version;
      this.boards.forEach((show) => show(quote.rows));
    }, this.tempo);
  }
"""
_WATCH_FIXED = """\
  watch(symbol: string): void {
    if (this.ticker !== undefined) {
      clearInterval(this.ticker);
    }
    this.ticker = setInterval(async () => {
      const quote = await this.exchange.latest(symbol, this.version);
      this.version = quote.version;
      this.boards.forEach((show) => show(quote.rows));
    }, this.tempo);
  }
"""

_STOCK = """\
  def reserve(item, wanted)
    stock = @warehouse.find(item)
    return nil if stock.left < wanted
    stock.left -= wanted
    @warehouse.save(stock)
    @journal.push([item, wanted, Time.now])
    stock
  end
"""
_STOCK_FIXED = """\
  def reserve(item, wanted)
    @warehouse.locked(item) do |stock|
      return nil if stock.left < wanted
      stock.left -= wanted
      @warehouse.save(stock)
      @journal.push([item, wanted, Time.now])
      stock
    end
  end
"""
_SEATS = """\
  def book(show, count)
    hall = @theatre.find(show)
    return nil if hall.free < count
    hall.free -= count
    @theatre.store(hall)
    @ledger.push([show, count, Time.now])
    hall
  end
"""
_SEATS_FIXED = """\
  def book(show, count)
    @theatre.exclusively(show) do |hall|
      return nil if hall.free < count
      hall.free -= count
      @theatre.store(hall)
      @ledger.push([show, count, Time.now])
      hall
    end
  end
"""

_MERGE = """\
def with_defaults(options={}, extra=None):
    for key, value in DEFAULTS.items():
        if key not in options:
            options[key] = value
    if extra is not None:
        options.update(extra)
    return Options(**options)
"""
_MERGE_FIXED = """\
def with_defaults(options=None, extra=None):
    options = dict(options or {})
    for key, value in DEFAULTS.items():
        if key not in options:
            options[key] = value
    if extra is not None:
        options.update(extra)
    return Options(**options)
"""
_HEADERS = """\
def complete(headers={}, more=None):
    for name, text in STANDARD_HEADERS.items():
        if name not in headers:
            headers[name] = text
    if more is not None:
        headers.update(more)
    return HeaderSet(**headers)
"""
_HEADERS_FIXED = """\
def complete(headers=None, more=None):
    headers = dict(headers or {})
    for name, text in STANDARD_HEADERS.items():
        if name not in headers:
            headers[name] = text
    if more is not None:
        headers.update(more)
    return HeaderSet(**headers)
"""

TWINS = (
    Twin("flush without the lock", "python", _FLUSH, _FLUSH_FIXED, _DRAIN, _DRAIN_LOCKED),
    Twin("retry without end", "python", _RETRY, _RETRY_BOUNDED, _CHARGE, _CHARGE_BOUNDED),
    Twin("delete while iterating", "python", _SWEEP, _SWEEP_FIXED, _PRUNE, _PRUNE_FIXED),
    Twin("shared default", "python", _MERGE, _MERGE_FIXED, _HEADERS, _HEADERS_FIXED),
    Twin("time that runs backward", "go", _PICK, _PICK_FIXED, _ELECT, _ELECT_FIXED),
    Twin("lock kept on a way out", "go", _POOL, _POOL_FIXED, _SHELF, _SHELF_FIXED),
    Twin("claimed length", "c", _HEARTBEAT, _HEARTBEAT_FIXED, _ECHO, _ECHO_FIXED),
    Twin("unwrapped configuration", "rust", _REFRESH, _REFRESH_FIXED, _RELOAD, _RELOAD_FIXED),
    Twin("cache of nothing", "java", _CACHE, _CACHE_FIXED, _TOKENS, _TOKENS_FIXED),
    Twin("reader left open", "java", _READER, _READER_FIXED, _IMPORT, _IMPORT_FIXED),
    Twin("nobody waits", "javascript", _SAVE, _SAVE_FIXED, _NOTIFY, _NOTIFY_FIXED),
    Twin("second timer", "typescript", _POLL, _POLL_FIXED, _WATCH, _WATCH_FIXED),
    Twin("check and act apart", "ruby", _STOCK, _STOCK_FIXED, _SEATS, _SEATS_FIXED),
)
