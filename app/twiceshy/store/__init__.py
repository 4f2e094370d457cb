"""What is remembered between webhooks: heads, runs, findings, people's answers, and what was sent.
Decides nothing.
"""
