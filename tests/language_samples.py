"""One small incident in each language that has a grammar: whoever adds a language adds its sample.

``bad`` failed and ``good`` is its fix; ``renamed`` is the same failure under other names. Where
names are free, ``renamed`` has other ones for all that ``bad`` binds itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LanguageSample:
    language: str
    bad: str
    good: str
    renamed: str


BASH = LanguageSample(
    "bash",
    bad="""clean_cache() {
  target="$CACHE_ROOT/$1"
  rm -rf "$target"/*
  log_event "cache emptied" "$target"
}
""",
    good="""clean_cache() {
  target="${CACHE_ROOT:?}/${1:?}"
  [ -d "$target" ] || return 1
  rm -rf "$target"/*
  log_event "cache emptied" "$target"
}
""",
    renamed="""clean_cache() {
  folder="$CACHE_ROOT/$1"
  rm -rf "$folder"/*
  log_event "cache emptied" "$folder"
}
""",
)

C = LanguageSample(
    "c",
    bad="""int read_heartbeat(struct session *peer, unsigned char *packet) {
    unsigned int payload = unpack_length(packet);
    unsigned char *answer = allocate_record(payload);
    memcpy(answer, packet + HEADER, payload);
    return send_record(peer, answer, payload);
}
""",
    good="""int read_heartbeat(struct session *peer, unsigned char *packet) {
    unsigned int payload = unpack_length(packet);
    if (HEADER + payload > peer->record_length) {
        return discard_record(peer);
    }
    unsigned char *answer = allocate_record(payload);
    memcpy(answer, packet + HEADER, payload);
    return send_record(peer, answer, payload);
}
""",
    renamed="""int read_heartbeat(struct session *client, unsigned char *frame) {
    unsigned int claimed = unpack_length(frame);
    unsigned char *reply = allocate_record(claimed);
    memcpy(reply, frame + HEADER, claimed);
    return send_record(client, reply, claimed);
}
""",
)

CPP = LanguageSample(
    "cpp",
    bad="""Price Ledger::total(const Basket& basket) {
    auto discount = catalogue.find(basket.voucher());
    auto amount = basket.sum() - discount->second.rebate();
    return settle(basket.owner(), amount);
}
""",
    good="""Price Ledger::total(const Basket& basket) {
    auto discount = catalogue.find(basket.voucher());
    if (discount == catalogue.end()) {
        return settle(basket.owner(), basket.sum());
    }
    auto amount = basket.sum() - discount->second.rebate();
    return settle(basket.owner(), amount);
}
""",
    renamed="""Price Ledger::total(const Basket& cart) {
    auto entry = catalogue.find(cart.voucher());
    auto money = cart.sum() - entry->second.rebate();
    return settle(cart.owner(), money);
}
""",
)

CSHARP = LanguageSample(
    "csharp",
    bad="""class Exporter {
    async Task<Invoice> Fetch(string order) {
        var channel = new HttpClient();
        var answer = await channel.GetAsync(Partner + order);
        return Parser.ReadInvoice(answer);
    }
}
""",
    good="""class Exporter {
    async Task<Invoice> Fetch(string order) {
        var channel = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var answer = await channel.GetAsync(Partner + order);
        answer.EnsureSuccessStatusCode();
        return Parser.ReadInvoice(answer);
    }
}
""",
    renamed="""class Exporter {
    async Task<Invoice> Fetch(string basket) {
        var line = new HttpClient();
        var reply = await line.GetAsync(Partner + basket);
        return Parser.ReadInvoice(reply);
    }
}
""",
)

CSS = LanguageSample(
    "css",
    bad=""".checkout-banner {
  position: fixed;
  z-index: 2147483647;
  pointer-events: auto;
}
""",
    good=""".checkout-banner {
  position: sticky;
  z-index: var(--layer-banner);
  pointer-events: none;
}
""",
    renamed=""".cookie-banner {
  position: fixed;
  z-index: 2147483647;
  pointer-events: auto;
}
""",
)

ELIXIR = LanguageSample(
    "elixir",
    bad="""defmodule Shop.Payments do
  def charge(order) do
    reply = HTTPoison.post(@partner, Jason.encode!(order))
    decode_receipt(reply)
  end
end
""",
    good="""defmodule Shop.Payments do
  def charge(order) do
    reply = HTTPoison.post(@partner, Jason.encode!(order), [], recv_timeout: 5_000)
    decode_receipt(reply)
  end
end
""",
    renamed="""defmodule Shop.Payments do
  def charge(basket) do
    answer = HTTPoison.post(@partner, Jason.encode!(basket))
    decode_receipt(answer)
  end
end
""",
)

GO = LanguageSample(
    "go",
    bad="""func pickUpstream(now time.Time, start time.Time) int64 {
	elapsed := now.Sub(start)
	weight := rand.Int63n(int64(elapsed))
	return weight + elapsed.Nanoseconds()
}
""",
    good="""func pickUpstream(now time.Time, start time.Time) int64 {
	elapsed := now.Sub(start)
	if elapsed <= 0 {
		return elapsed.Nanoseconds()
	}
	weight := rand.Int63n(int64(elapsed))
	return weight + elapsed.Nanoseconds()
}
""",
    renamed="""func pickUpstream(end time.Time, begin time.Time) int64 {
	span := end.Sub(begin)
	share := rand.Int63n(int64(span))
	return share + span.Nanoseconds()
}
""",
)

HASKELL = LanguageSample(
    "haskell",
    bad="""settle :: Ledger -> [Payment] -> Either Refusal Money
settle ledger payments =
  let newest = head (sortPaymentsByDate payments)
      rebate = fromJust (lookupRebate ledger (customerOf newest))
   in chargePartner ledger (amountOf newest - rebate)
""",
    good="""settle :: Ledger -> [Payment] -> Either Refusal Money
settle ledger payments =
  case sortPaymentsByDate payments of
    [] -> Left NothingToSettle
    (newest : _) ->
      let rebate = fromMaybe noRebate (lookupRebate ledger (customerOf newest))
       in chargePartner ledger (amountOf newest - rebate)
""",
    renamed="""settle :: Ledger -> [Payment] -> Either Refusal Money
settle book entries =
  let latest = head (sortPaymentsByDate entries)
      discount = fromJust (lookupRebate book (customerOf latest))
   in chargePartner book (amountOf latest - discount)
""",
)

HCL = LanguageSample(
    "hcl",
    bad="""resource "aws_db_instance" "orders" {
  engine              = "postgres"
  publicly_accessible = true
  skip_final_snapshot = true
}
""",
    good="""resource "aws_db_instance" "orders" {
  engine              = "postgres"
  publicly_accessible = false
  deletion_protection = true
}
""",
    renamed="""resource "aws_db_instance" "clicks" {
  engine              = "postgres"
  publicly_accessible = true
  skip_final_snapshot = true
}
""",
)

HTML = LanguageSample(
    "html",
    bad="""<form action="/transfer" method="post" class="payment">
  <input type="text" name="amount" autocomplete="on">
  <a href="https://partner.example/terms" target="_blank">Terms</a>
</form>
""",
    good="""<form action="/transfer" method="post" class="payment">
  <input type="hidden" name="csrf_token" value="{{ csrf_token }}">
  <input type="text" name="amount" autocomplete="off">
  <a href="https://partner.example/terms" target="_blank" rel="noopener">Terms</a>
</form>
""",
    renamed="""<form action="/refund" method="post" class="payment">
  <input type="text" name="amount" autocomplete="on">
  <a href="https://partner.example/terms" target="_blank">Terms</a>
</form>
""",
)

JAVA = LanguageSample(
    "java",
    bad="""class Export {
    byte[] unpack(ZipInputStream zip, Path folder) throws IOException {
        ZipEntry entry = zip.getNextEntry();
        Path target = folder.resolve(entry.getName());
        Files.copy(zip, target);
        return Files.readAllBytes(target);
    }
}
""",
    good="""class Export {
    byte[] unpack(ZipInputStream zip, Path folder) throws IOException {
        ZipEntry entry = zip.getNextEntry();
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
            throw new IOException("outside of the folder");
        }
        Files.copy(zip, target);
        return Files.readAllBytes(target);
    }
}
""",
    renamed="""class Export {
    byte[] unpack(ZipInputStream archive, Path home) throws IOException {
        ZipEntry next = archive.getNextEntry();
        Path place = home.resolve(next.getName());
        Files.copy(archive, place);
        return Files.readAllBytes(place);
    }
}
""",
)

JAVASCRIPT = LanguageSample(
    "javascript",
    bad="""function finishLogin(req, res) {
  const target = req.query.returnTo || '/home';
  req.session.touch();
  return res.redirect(302, target);
}
""",
    good="""function finishLogin(req, res) {
  const target = safePath(req.query.returnTo) || '/home';
  req.session.touch();
  return res.redirect(302, target);
}
""",
    renamed="""function finishLogin(request, reply) {
  const place = request.query.returnTo || '/home';
  request.session.touch();
  return reply.redirect(302, place);
}
""",
)

JSON = LanguageSample(
    "json",
    bad="""{
  "service": "checkout",
  "retries": {"attempts": 50, "backoff": "none"},
  "breaker": {"enabled": false, "window_seconds": 0}
}
""",
    good="""{
  "service": "checkout",
  "retries": {"attempts": 3, "backoff": "exponential"},
  "breaker": {"enabled": true, "window_seconds": 30}
}
""",
    renamed="""{
  "service": "invoices",
  "retries": {"attempts": 50, "backoff": "none"},
  "breaker": {"enabled": false, "window_seconds": 0}
}
""",
)

KOTLIN = LanguageSample(
    "kotlin",
    bad="""fun charge(order: Order): Receipt {
    val reply = partner.submitPayment(order.identifier, order.amount)
    val receipt = Receipts.parse(reply.body!!.readText())
    return receipt
}
""",
    good="""fun charge(order: Order): Receipt {
    val reply = partner.submitPayment(order.identifier, order.amount)
    val content = reply.body ?: throw PaymentRefused(order.identifier)
    val receipt = Receipts.parse(content.readText())
    return receipt
}
""",
    renamed="""fun charge(basket: Order): Receipt {
    val answer = partner.submitPayment(basket.identifier, basket.amount)
    val slip = Receipts.parse(answer.body!!.readText())
    return slip
}
""",
)

LUA = LanguageSample(
    "lua",
    bad="""local function load_session(request)
  local token = request.headers["x-session"]
  local session = redis:get("session:" .. token)
  return cjson.decode(session)
end
""",
    good="""local function load_session(request)
  local token = request.headers["x-session"]
  if not token then
    return nil, "no session"
  end
  local session = redis:get("session:" .. token)
  return cjson.decode(session)
end
""",
    renamed="""local function load_session(incoming)
  local key = incoming.headers["x-session"]
  local visit = redis:get("session:" .. key)
  return cjson.decode(visit)
end
""",
)

NIX = LanguageSample(
    "nix",
    bad="""{ config, ... }: {
  services.openssh.permitRootLogin = "yes";
  services.openssh.passwordAuthentication = true;
  networking.firewall.enable = false;
}
""",
    good="""{ config, ... }: {
  services.openssh.permitRootLogin = "no";
  services.openssh.passwordAuthentication = false;
  networking.firewall.allowedTCPPorts = [ 22 ];
}
""",
    renamed="""{ settings, ... }: {
  services.openssh.permitRootLogin = "yes";
  services.openssh.passwordAuthentication = true;
  networking.firewall.enable = false;
}
""",
)

PHP = LanguageSample(
    "php",
    bad="""<?php
function restoreBasket($request, $session) {
    $payload = $request->cookies->getRaw('basket');
    $basket = unserialize(base64_decode($payload));
    return $session->attachBasket($basket);
}
""",
    good="""<?php
function restoreBasket($request, $session) {
    $payload = $request->cookies->getRaw('basket');
    $basket = json_decode(base64_decode($payload), true, 8);
    return $session->attachBasket($basket);
}
""",
    renamed="""<?php
function restoreBasket($incoming, $visit) {
    $raw = $incoming->cookies->getRaw('basket');
    $cart = unserialize(base64_decode($raw));
    return $visit->attachBasket($cart);
}
""",
)

PYTHON = LanguageSample(
    "python",
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
    renamed="""def charge(basket):
    answer = requests.post(PARTNER, json=basket.dict())
    answer.raise_for_status()
    return answer.json()
""",
)

RUBY = LanguageSample(
    "ruby",
    bad="""def restore(upload)
  payload = upload.read_content
  settings = Marshal.load(payload)
  apply_settings(settings)
end
""",
    good="""def restore(upload)
  payload = upload.read_content
  settings = JSON.parse(payload, max_nesting: 20)
  apply_settings(settings)
end
""",
    renamed="""def restore(attachment)
  body = attachment.read_content
  options = Marshal.load(body)
  apply_settings(options)
end
""",
)

RUST = LanguageSample(
    "rust",
    bad="""fn parse_header(packet: &[u8]) -> Header {
    let length = read_varint(packet).unwrap();
    let body = decode_frame(&packet[..length]);
    Header::from_frame(body)
}
""",
    good="""fn parse_header(packet: &[u8]) -> Header {
    let length = read_varint(packet).unwrap_or(0).min(packet.len());
    let body = decode_frame(&packet[..length]);
    Header::from_frame(body)
}
""",
    renamed="""fn parse_header(bytes: &[u8]) -> Header {
    let size = read_varint(bytes).unwrap();
    let content = decode_frame(&bytes[..size]);
    Header::from_frame(content)
}
""",
)

SCALA = LanguageSample(
    "scala",
    bad="""def settle(orders: Seq[Order]): Receipt = {
  val newest = orders.maxBy(_.placedAt)
  val receipt = Await.result(partner.submitPayment(newest), Duration.Inf)
  archive.storeReceipt(receipt)
}
""",
    good="""def settle(orders: Seq[Order]): Receipt = {
  val newest = orders.maxBy(_.placedAt)
  val receipt = Await.result(partner.submitPayment(newest), 5.seconds)
  archive.storeReceipt(receipt)
}
""",
    renamed="""def settle(baskets: Seq[Order]): Receipt = {
  val latest = baskets.maxBy(_.placedAt)
  val slip = Await.result(partner.submitPayment(latest), Duration.Inf)
  archive.storeReceipt(slip)
}
""",
)

SOLIDITY = LanguageSample(
    "solidity",
    bad="""contract Vault {
    function withdraw(uint amount) public {
        require(deposits[msg.sender] >= amount);
        payable(msg.sender).call{value: amount}("");
        deposits[msg.sender] -= amount;
    }
}
""",
    good="""contract Vault {
    function withdraw(uint amount) public nonReentrant {
        require(deposits[msg.sender] >= amount);
        deposits[msg.sender] -= amount;
        payable(msg.sender).call{value: amount}("");
    }
}
""",
    renamed="""contract Vault {
    function withdraw(uint money) public {
        require(deposits[msg.sender] >= money);
        payable(msg.sender).call{value: money}("");
        deposits[msg.sender] -= money;
    }
}
""",
)

SWIFT = LanguageSample(
    "swift",
    bad="""func loadProfile(identifier: String) -> Profile {
    let payload = try! keychain.readSecret(identifier)
    let profile = try! decoder.decodeProfile(payload)
    return profile
}
""",
    good="""func loadProfile(identifier: String) throws -> Profile {
    let payload = try keychain.readSecret(identifier)
    guard payload.count > 0 else { throw ProfileError.missing }
    let profile = try decoder.decodeProfile(payload)
    return profile
}
""",
    renamed="""func loadProfile(account: String) -> Profile {
    let secret = try! keychain.readSecret(account)
    let person = try! decoder.decodeProfile(secret)
    return person
}
""",
)

TSX = LanguageSample(
    "tsx",
    bad="""function Comment(props: CommentProps) {
  const markup = renderMarkdown(props.comment.text);
  const author = lookupAuthor(props.comment.owner);
  return <article title={author} dangerouslySetInnerHTML={{ __html: markup }} />;
}
""",
    good="""function Comment(props: CommentProps) {
  const markup = sanitizeMarkup(renderMarkdown(props.comment.text));
  const author = lookupAuthor(props.comment.owner);
  return <article title={author} dangerouslySetInnerHTML={{ __html: markup }} />;
}
""",
    renamed="""function Comment(given: CommentProps) {
  const content = renderMarkdown(given.comment.text);
  const person = lookupAuthor(given.comment.owner);
  return <article title={person} dangerouslySetInnerHTML={{ __html: content }} />;
}
""",
)

TYPESCRIPT = LanguageSample(
    "typescript",
    bad="""async function refund(order: Order): Promise<Receipt> {
  const payment = await ledger.findPayment(order.reference);
  const receipt = await partner.submitRefund(payment.token, order.total);
  return archive.storeReceipt(receipt);
}
""",
    good="""async function refund(order: Order): Promise<Receipt> {
  const payment = await ledger.findPayment(order.reference);
  const receipt = await partner.submitRefund(payment.token, order.total, order.idempotencyKey);
  return archive.storeReceipt(receipt);
}
""",
    renamed="""async function refund(basket: Order): Promise<Receipt> {
  const transfer = await ledger.findPayment(basket.reference);
  const slip = await partner.submitRefund(transfer.token, basket.total);
  return archive.storeReceipt(slip);
}
""",
)

YAML = LanguageSample(
    "yaml",
    bad="""spec:
  template:
    spec:
      nodeSelector:
        node-role.kubernetes.io/master: ""
      containers:
        - name: route-reflector
          image: calico/node
""",
    good="""spec:
  template:
    spec:
      nodeSelector:
        node-role.kubernetes.io/control-plane: ""
      containers:
        - name: route-reflector
          image: calico/node
""",
    renamed="""spec:
  template:
    spec:
      nodeSelector:
        node-role.kubernetes.io/master: ""
      containers:
        - name: mirror
          image: calico/node
""",
)

SAMPLES = (
    BASH,
    C,
    CPP,
    CSHARP,
    CSS,
    ELIXIR,
    GO,
    HASKELL,
    HCL,
    HTML,
    JAVA,
    JAVASCRIPT,
    JSON,
    KOTLIN,
    LUA,
    NIX,
    PHP,
    PYTHON,
    RUBY,
    RUST,
    SCALA,
    SOLIDITY,
    SWIFT,
    TSX,
    TYPESCRIPT,
    YAML,
)
