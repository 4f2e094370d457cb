"""Which language a file or a fence is in. Names are ast-grep's where it has a grammar, plain lower
case elsewhere.
"""

from pathlib import PurePosixPath

GRAMMARS = frozenset(
    [
        "bash",
        "c",
        "cpp",
        "csharp",
        "css",
        "elixir",
        "go",
        "haskell",
        "hcl",
        "html",
        "java",
        "javascript",
        "json",
        "kotlin",
        "lua",
        "nix",
        "php",
        "python",
        "ruby",
        "rust",
        "scala",
        "solidity",
        "swift",
        "tsx",
        "typescript",
        "yaml",
    ]
)

_ALIASES = {
    "c#": "csharp",
    "c++": "cpp",
    "cs": "csharp",
    "docker": "dockerfile",
    "golang": "go",
    "h": "c",
    "hs": "haskell",
    "js": "javascript",
    "jsx": "javascript",
    "kt": "kotlin",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "sol": "solidity",
    "terraform": "hcl",
    "tf": "hcl",
    "ts": "typescript",
    "yml": "yaml",
    "ini": "properties",
    "conf": "properties",
    "zsh": "bash",
}

_EXTENSIONS = {
    "bash": ".bash .sh .zsh",
    "c": ".c .h",
    "cpp": ".cc .cpp .cxx .hh .hpp .hxx .inl .ipp",
    "csharp": ".cs",
    "css": ".css .scss .less",
    "elixir": ".ex .exs",
    "go": ".go",
    "haskell": ".hs",
    "hcl": ".tf .hcl .tfvars .tofu",
    "html": ".html .htm .vue",
    "java": ".java",
    "javascript": ".js .jsx .mjs .cjs",
    "json": ".json .ipynb",
    "kotlin": ".kt .kts",
    "lua": ".lua",
    "nix": ".nix",
    "php": ".php .phtml",
    "python": ".py .pyi .pyw",
    "ruby": ".rb .rake",
    "rust": ".rs",
    "scala": ".scala",
    "solidity": ".sol",
    "swift": ".swift",
    "tsx": ".tsx",
    "typescript": ".ts .mts .cts",
    "yaml": ".yaml .yml",
    "sql": ".sql",
    "dockerfile": ".dockerfile",
    "toml": ".toml",
    "xml": ".xml .plist",
    "properties": ".properties .ini .cfg .conf .env",
    "perl": ".pl .pm",
    "powershell": ".ps1",
    "r": ".r",
    "dart": ".dart",
    "clojure": ".clj .cljs .cljc .edn",
    "erlang": ".erl",
    "ocaml": ".ml .mli",
    "julia": ".jl",
    "objc": ".m .mm",
    "protobuf": ".proto",
    "groovy": ".groovy .gradle",
    "graphql": ".graphql .gql",
    "make": ".mk",
    "regex": ".regex",
}

_BY_EXTENSION = {ext: language for language, exts in _EXTENSIONS.items() for ext in exts.split()}
_BY_NAME = {
    "dockerfile": "dockerfile",
    "makefile": "make",
    "jenkinsfile": "groovy",
    "gemfile": "ruby",
    "rakefile": "ruby",
}
KNOWN = frozenset(_EXTENSIONS)


def language_of_fence(word: str) -> str | None:
    """Canonical language of a fence's info word, None when it is not known."""
    name = word.strip().lower()
    name = _ALIASES.get(name, name)
    return name if name in KNOWN else None


def language_of_path(path: str) -> str | None:
    """Canonical language of a file by its name, None when it is not known."""
    name = PurePosixPath(path).name.lower()
    if name in _BY_NAME or name.startswith(("dockerfile.", "containerfile")):
        return _BY_NAME.get(name, "dockerfile")
    return _BY_EXTENSION.get(PurePosixPath(name).suffix)


def example_path(language: str) -> str:
    """A file name that ``of_path`` takes for this language."""
    if language in ("dockerfile", "make"):
        return language.capitalize()
    return f"example{_EXTENSIONS[language].split()[0]}"
