"""One small incident in each of several languages: the code that failed, its fix, and the same
failure in other clothes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    language: str
    path: str
    bad: str
    good: str
    renamed: str
    reformatted: str
    unrelated: str


PYTHON = Sample(
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
    renamed="""def notify(basket):
    answer = requests.post(PARTNER, json=basket.dict())
    answer.raise_for_status()
    return answer.json()
""",
    reformatted="""def charge(order):
    # tell the partner
    reply = requests.post(
        PARTNER,
        json=order.dict(),
    )

    reply.raise_for_status()
    return reply.json()
""",
    unrelated="""def total(order):
    prices = [line.price * line.amount for line in order.lines]
    return sum(prices) + order.shipping
""",
)

JAVASCRIPT = Sample(
    "javascript",
    "web/redirect.js",
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
    reformatted="""function finishLogin(req, res)
{
    const target =
        req.query.returnTo || "/home"
    req.session.touch()
    return res.redirect(
        302,
        target,
    )
}
""",
    unrelated="""function renderCart(cart, page) {
  for (const item of cart.items) {
    page.append(itemRow(item));
  }
}
""",
)

GO = Sample(
    "go",
    "dns/weight.go",
    bad="""func pickUpstream(rtt time.Duration, now time.Time, start time.Time) int64 {
	elapsed := now.Sub(start)
	weight := rand.Int63n(int64(elapsed))
	return weight + rtt.Nanoseconds()
}
""",
    good="""func pickUpstream(rtt time.Duration, now time.Time, start time.Time) int64 {
	elapsed := now.Sub(start)
	if elapsed <= 0 {
		return rtt.Nanoseconds()
	}
	weight := rand.Int63n(int64(elapsed))
	return weight + rtt.Nanoseconds()
}
""",
    renamed="""func pickUpstream(trip time.Duration, end time.Time, begin time.Time) int64 {
	span := end.Sub(begin)
	share := rand.Int63n(int64(span))
	return share + trip.Nanoseconds()
}
""",
    reformatted="""func pickUpstream(
	rtt time.Duration,
	now time.Time,
	start time.Time,
) int64 {
	elapsed := now.Sub(start)
	// spread the load
	weight := rand.Int63n(
		int64(elapsed),
	)
	return weight + rtt.Nanoseconds()
}
""",
    unrelated="""func closeAll(conns []net.Conn) error {
	for _, conn := range conns {
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return nil
}
""",
)

JAVA = Sample(
    "java",
    "src/main/java/Export.java",
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
    reformatted="""class Export
{
    byte[] unpack(ZipInputStream zip, Path folder)
        throws IOException
    {
        ZipEntry entry = zip.getNextEntry();
        Path target = folder.resolve(
            entry.getName());
        /* unpack it */
        Files.copy(zip, target);
        return Files.readAllBytes(target);
    }
}
""",
    unrelated="""class Totals {
    int sum(List<Order> orders) {
        int total = 0;
        for (Order order : orders) {
            total += order.price();
        }
        return total;
    }
}
""",
)

YAML = Sample(
    "yaml",
    "deploy/gateway.yaml",
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
    reformatted="""# the gateway
spec:
    template:
        spec:
            nodeSelector:
                node-role.kubernetes.io/master: ''
            containers:
                -   name: route-reflector
                    image: calico/node
""",
    unrelated="""service:
  ports:
    - port: 8080
      protocol: TCP
  selector:
    app: shop
""",
)

SQL = Sample(
    "sql",
    "db/migrations/0042.sql",
    bad="""CREATE TABLE events (
    id SERIAL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    payload JSONB
);
""",
    good="""CREATE TABLE events (
    id BIGSERIAL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    payload JSONB
);
""",
    renamed="""CREATE TABLE clicks (
    id SERIAL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    payload JSONB
);
""",
    reformatted="""-- what happened
create table events (id serial primary key,
                     account_id integer not null,
                     payload jsonb);
""",
    unrelated="""SELECT name, count(*) FROM orders
WHERE placed_at > now() - interval '1 day'
GROUP BY name;
""",
)

DOCKERFILE = Sample(
    "dockerfile",
    "Dockerfile",
    bad="""FROM debian:stable
RUN curl -k https://get.example.org/install.sh | sh
COPY . /srv/shop
CMD ["/srv/shop/run"]
""",
    good="""FROM debian:stable
COPY install.sh /tmp/install.sh
RUN sh /tmp/install.sh
COPY . /srv/shop
CMD ["/srv/shop/run"]
""",
    renamed="""FROM debian:stable
RUN curl -k https://get.example.org/install.sh | sh
COPY . /srv/shop
CMD ["/srv/shop/serve"]
""",
    reformatted="""FROM debian:stable
# the installer
RUN curl -k \\
    https://get.example.org/install.sh | sh

COPY . /srv/shop
CMD ["/srv/shop/run"]
""",
    unrelated="""FROM python:3.12
WORKDIR /app
RUN pip install --no-cache-dir flask
USER nobody
""",
)

SAMPLES = (PYTHON, JAVASCRIPT, GO, JAVA, YAML, SQL, DOCKERFILE)
