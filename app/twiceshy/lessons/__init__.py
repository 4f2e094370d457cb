"""What a lesson is: model, Markdown reading and writing, registry, compiled index. Never looks at a
change.
"""
