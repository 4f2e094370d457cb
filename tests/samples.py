"""One incident, whole: its lesson, its rule, the code that failed and the code that fixed it."""

LESSON = """---
id: INC-245
title: A slow partner took checkout down
date: 2026-05-14
severity: high
mode: block
mitigation: Give every outgoing call a timeout, and a budget for the whole request.
scars: ["services/pay/client.py:charge"]
companions:
  - {when: "services/*/settings.py", require: "deploy/*/values.yaml", because: "the chart pins its own copy"}
---
A slow partner held every worker until checkout stopped. It took an hour to see.

```python bad path=services/pay/client.py
def charge(order):
    reply = requests.post(PARTNER, json=order.dict())
    reply.raise_for_status()
    return reply.json()
```

```python good
def charge(order):
    reply = requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
    reply.raise_for_status()
    return reply.json()
```
"""

RULE = """rules:
  - id: inc-245-timeout
    languages: [python]
    severity: ERROR
    message: Give this call a timeout.
    metadata: {lesson: INC-245}
    patterns:
      - pattern: requests.post($URL, ...)
      - pattern-not: requests.post(..., timeout=$T, ...)
"""

REGISTRY = {"lessons/INC-245.md": LESSON, "rules/inc-245.yaml": RULE}

FIXED = """import requests


def charge(order):
    reply = requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
    reply.raise_for_status()
    return reply.json()
"""

FAILING = FIXED.replace(", timeout=(3.05, 10)", "")

RENAMED = """import requests


def notify(basket):
    answer = requests.post(HOOK, json=basket.dict())
    answer.raise_for_status()
    return answer.json()
"""


def diff_of_new(path: str, text: str) -> str:
    """A diff that adds a file."""
    lines = text.splitlines()
    body = "".join(f"+{line}\n" for line in lines)
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n"
    return f"{head}--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"
