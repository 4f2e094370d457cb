"""What a change is: unified diffs, hunks, enclosing functions, and where they come from. Never
judges one.
"""
