"""Post-mortems in the shapes of well-known templates, filled with incidents of our own but for the
first (SRE book, D).
"""

SRE = """# Shakespeare Sonnet++ Postmortem (incident #465)

**Date:** 2015-10-21

**Authors:** jennifer, martym

**Status:** Complete

**Summary:** Shakespeare Search down for 66 minutes.

**Impact:** Estimated 1.21B queries lost.

**Root Causes:** Cascading failure under load.

- File descriptors leaked
- The alert fired late

**Trigger:** A latent bug.

**Resolution:** Directed traffic to sacrificial cluster. Added capacity.

**Detection:** Borgmon paged on-call.

**Action Items:**

| Action Item | Type | Owner | Bug |
|---|---|---|---|
| Update playbook | mitigate | @jennifer | n/a |
| Use flux capacitor | prevent | @martym until 2015-11-02 | Bug 5554823 |

## Lessons Learned

### What went well

- Monitoring quickly alerted us

### What went wrong

- We are out of practice

### Where we got lucky

- A mailing list had a copy

## Timeline

- 14:51 News reports
- 14:53 Traffic increases by 88x

## Supporting information

- Monitoring dashboard
"""

PAGERDUTY = """Connections ran out
===================

Incident Date: March 4, 2026
Severity: SEV-1

Overview
--------

We ran out of connections. Customers saw errors.

What Happened
-------------

A deploy doubled the pool.

Contributing Factors
--------------------

1. Each worker opened ten connections
2. We did not know the limit of the proxy
3. The rollout had no canary

Resolution
----------

Rolled back.

What Went Well?
---------------

- The pager worked

What Didn't Go So Well?
-----------------------

- Nobody had the runbook

Action Items
------------

- [ ] Limit the pool @ann 2026-03-11
- [x] Add a canary

Messaging
---------

We told the customers at noon.
"""

ATLASSIAN = """# Postmortem: checkout

## Incident summary

Between 14:30 and 15:00 checkout failed.

## Leadup

At 14:00 a partner grew slow.

## Fault

Workers waited.

## Impact

40% of orders.

## Detection

An engineer noticed.

## Response

Ann joined at 14:40.

## Recovery

The partner was switched off.

## Five whys

1. Workers waited
2. There was no timeout

## Backlog check

A ticket from May would have prevented it.

## Recurrence

Yes, in March.

## Lessons learned

Limits matter.

## Corrective actions

1. Give every call a timeout
2. Alert on latency
"""

GITLAB = """# Incident Review: slow queue

## Key Information

| Metric | Value |
|---|---|
| Severity | severity::2 |
| Owner | @maria |
| Date | 2026-02-01 |

## Summary

The queue grew.

### Details

Jobs were retried forever.

## Outcomes/Corrective Actions

1. Bound the retries

## Learning Opportunities

### What went well?

1. The dashboard showed it

### What was difficult?

1. Finding the job

## Review Guidelines

Be kind.
"""

PLAIN = """The night the disk was full

On January 3, 2026 the disk was full. Logs had no limit.

Next time we rotate them.
"""

STATUS_PAGE = """Acme Cloud Status

Incident began at 2019-07-02 11:45 and ended at 2019-07-02 12:30.

Date Time Description
Jul 05, 2019 09:42

ISSUE SUMMARY

On Tuesday 2 July, 2019, every third request failed.

ROOT CAUSE

The limit max_conn_lifetime was 0, which means forever. It had stood there for a year.

REMEDIATION AND PREVENTION

Engineers were alerted at 11:47. They set `max_conn_lifetime` back and restarted the proxies.

Corrective Actions

• Alert on max_conn_lifetime
"""

LABELS = """**Issue Summary**
**Duration**: from 10:30 to 12:00 on September 15th, 2024.
**Impact**: 70% of the users saw nothing.
**Root Cause**: The pool was shared between tenants.

**Timeline**

- **10:30**: Alert.
- **10:35**: Root cause suspected in the network.

**Root Cause and Resolution**
The pool was shared because a test did so.

To solve it, each tenant was assigned a pool.

**Corrective and Preventative Measures**

**Improvements**:
- Improve the dashboard.

**TODO**:
1. Give __init__ a `pool_size`.
"""

FRONT_MATTER = """---
title: The queue froze
date: 2023-03-09
author: Ann ([@ann](https://example.org/@ann))
---

On March 4th, 2023 at 12:30 the queue froze.

# Background

One worker reads it.

# Root causes and trigger

A poison message was retried forever.

# Things that went poorly

- Nobody was paged

# Resulting Action

### 1) Bound the retries `@ann`

Three are enough.

### 2) Page on age `@bob`

# Timeline

- 12:30 it froze
"""

BULLETS = """+++
title = "Names were gone"
path = "blog/2021/04/21/names"
+++

- **Key events**
  - First detected 2021-04-18 16:03
  - Resolved 2021-04-18 16:30

- **Time to repair**: 27m

- **Impact**: No name was found for 27 minutes.

- **Context**:
  - A plan was applied twice.

- **Resolution**:
  - The outage resolved itself when the plan ended.

- **Review actions**:
  - Ask before a plan deletes a zone

Report published 2021-05-02.
"""

OWNERS = """# Incident: late mails

**Date of Report:** August 28, 2026
**Incident Date:** 22/12/2022
**Severity:** Major - mails were late
**Next review:** 2023-01-15

## 1. Incident Summary

Mails were two hours late.

## 2. What were the root causes?

| Factor | Detail |
|---|---|
| **One queue** | for `bulk_mail` and for all others |

## 3. Corrective and Preventative Measures

| # | Action | Owner | Due | State |
|---|---|---|---|---|
| 1 | Split `bulk_mail` off | Mail team | 4 Jan 2023 | DONE |
| 2 | Alert on age, see [runbook](https://example.org/a_b) | @carl | | open |
| 3 | TBD | | | |

## Resolution

TBD

## Incident Review

Nobody came.
"""
