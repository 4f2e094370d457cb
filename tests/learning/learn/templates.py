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
