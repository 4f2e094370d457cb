"""Recall: TF-IDF resemblance to past root causes, contrastive so that a bug is told from its
fix.
"""
