"""Sets one key of a YAML text and keeps every other byte. Pure: text in, text out.

Does not prove what it wrote: who calls reads the answer back before anybody else does.
"""

import yaml


def with_key(text: str, key: str, value: str, newline: str = "\n", *, inside: str = "") -> str:
    """The text with a key set: replaced where it stands, else added last. ``key`` and ``value`` as
    YAML writes them; ``inside`` names a top-level key whose mapping is meant.

    Raises LookupError when there is no such mapping. The text must have been read before, within
    bounds.
    """
    # Python's own loader: its marks count characters, and read_yaml has already refused what is
    # deep or has aliases
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    mapping = _mapping(root, inside) if inside else root
    if not isinstance(mapping, yaml.MappingNode):
        return f"{text}{key}: {value}{newline}"
    for key_node, node in mapping.value:
        if key_node.value == key:
            return _replaced(text, node, value, key_node.end_mark.index)
    if mapping.flow_style:
        end = mapping.end_mark.index - 1
        comma = ", " if mapping.value and not text[:end].rstrip().endswith(",") else ""
        return f"{text[:end].rstrip()}{comma}{key}: {value}{text[end:]}"
    place = _line_after(text, _end(text, mapping)) if inside else len(text)
    end_of_line = "" if text[:place].endswith("\n") else newline
    entry = f"{' ' * mapping.start_mark.column}{key}: {value}{newline}"
    return f"{text[:place]}{end_of_line}{entry}{text[place:]}"


def _mapping(root: yaml.Node | None, name: str) -> yaml.MappingNode:
    for key, node in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == name and isinstance(node, yaml.MappingNode):
            return node
    raise LookupError(name)


def _line_after(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _replaced(text: str, node: yaml.Node, value: str, key_end: int) -> str:
    start, end = node.start_mark.index, _end(text, node)
    between = text[key_end:start]
    if between.strip() == ":":  # nothing else, but perhaps a line end, stands before the value
        colon = key_end + between.index(":") + 1
        gap = text[colon:start]
        return text[:colon] + (gap if gap.strip(" ") == "" and gap else " ") + value + text[end:]
    # a comment stands after the key: the value stays under it
    indent = "" if node.start_mark.column else "  "
    return text[:start] + indent + value + text[end:]


def _end(text: str, node: yaml.Node) -> int:
    """Where a value ends: to the loader a block ends where the next key starts, after comments not
    its own.
    """
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    start = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())
