"""Syntax trees of code nobody vouches for, made in a process of their own.

tree-sitter's parsers are C: some texts end the process that parses them, others take minutes, and
no ``except`` catches that. Here the parser may die; who asked gets no tree and reads the text as
plain words instead.
"""
