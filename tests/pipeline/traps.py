"""A checkout full of traps: programs, modules, hooks and settings that leave a mark when anything
starts them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from git_repository import Repo

MODULES = (
    "json",
    "re",
    "typing",
    "os",
    "io",
    "runpy",
    "venv",
    "ensurepip",
    "subprocess",
    "sitecustomize",
    "usercustomize",
    "conftest",
    "pip",
    "yaml",
    "hatchling",
)
PACKAGES = ("encodings", "twiceshy", "semgrep", "importlib", "pip_")
PROGRAMS = (
    "git",
    "semgrep-core",
    "pysemgrep",
    "python",
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "bash",
    "sh",
    "cat",
    "head",
    "sed",
    "tr",
    "rm",
    "ssh",
    "gpg",
    "pager",
)
HOOKS = (
    "post-checkout",
    "reference-transaction",
    "pre-auto-gc",
    "post-index-change",
    "fsmonitor-watchman",
)


class Traps:
    """Sets traps into a repository and knows which were sprung."""

    def __init__(self, repo: Repo, marks: Path) -> None:
        self.repo, self.marks = repo, marks
        marks.mkdir()

    @property
    def sprung(self) -> list[str]:
        return sorted(mark.name for mark in self.marks.iterdir())

    def files(self) -> dict[str, str]:
        """What a pull request can bring."""
        files = {f"{name}.py": self._module(name) for name in MODULES}
        files |= {f"{name}/__init__.py": self._module(name) for name in PACKAGES}
        files |= {name: self._program(name) for name in PROGRAMS}
        files |= {f"bin/{name}": self._program(name) for name in PROGRAMS}
        files |= {f"hooks/{name}": self._program(name) for name in HOOKS}
        files["bin/semgrep"] = self._program("semgrep")
        files["semgrep/bin/semgrep-core"] = self._program("semgrep/bin/semgrep-core")
        files["trap.pth"] = f"import pathlib; pathlib.Path({str(self.marks / 'pth')!r}).touch()\n"
        files["pyproject.toml"] = (
            '[build-system]\nrequires = []\nbuild-backend = "hatchling"\nbackend-path = ["."]\n'
        )
        files["pyvenv.cfg"] = "include-system-site-packages = true\nhome = .\n"
        files["pip.conf"] = "[global]\nindex-url = http://127.0.0.1:1/\n"
        files[".semgrep.yml"] = files[".semgrep/settings.yml"] = "rules: []\n"
        files[".semgrepignore"] = "*\n"
        files[".gitattributes"] = "*.py filter=evil diff=evil merge=evil\n*.md filter=worse\n"
        files[".gitconfig"] = files["xdg/git/config"] = self.configuration()
        files[".gitmodules"] = (
            f'[submodule "evil"]\n\tpath = evil\n\turl = ext::{self._shell("ext")}\n\tupdate = '
            "!sh\n"
        )
        return files

    def commit(self, more: Mapping[str, str]) -> str:
        """Commit the traps, executable where that matters, beside other files."""
        self.repo.write({**self.files(), **more})
        for name in (
            *PROGRAMS,
            *(f"bin/{name}" for name in PROGRAMS),
            *(f"hooks/{name}" for name in HOOKS),
            "bin/semgrep",
            "semgrep/bin/semgrep-core",
        ):
            (self.repo.root / name).chmod(0o755)
        return self.repo.commit({})

    def configure(self) -> None:
        """What a repository's own configuration could add: for one that was not cloned but
        unpacked.
        """
        with (self.repo.root / ".git" / "config").open("a") as stream:
            stream.write(self.configuration())
        for name in HOOKS:
            hook = self.repo.root / ".git" / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(self._program(f".git/hooks/{name}"))
            hook.chmod(0o755)
        (self.repo.root / ".git" / "info").mkdir(exist_ok=True)
        (self.repo.root / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")

    def environment(self, **more: str) -> dict[str, str]:
        """A job's environment with every switch that looks into the working folder."""
        root = str(self.repo.root)
        return {
            **os.environ,
            "PYTHONPATH": ".",
            "PYTHONSTARTUP": "json.py",
            "PYTHONUSERBASE": root,
            "HOME": root,
            "PATH": f".:{root}/bin::{os.environ['PATH']}",
            "XDG_CONFIG_HOME": f"{root}/xdg",
            "GIT_CONFIG_GLOBAL": ".gitconfig",
            "GIT_EXTERNAL_DIFF": self._shell("GIT_EXTERNAL_DIFF"),
            "GIT_PAGER": self._shell("GIT_PAGER"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": self._shell("GIT_CONFIG_COUNT"),
            "PIP_CONFIG_FILE": "pip.conf",
            "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor={self._shell('GIT_CONFIG_PARAMETERS')}'",
            "SEMGREP_RULES": ".semgrep.yml",
            "SEMGREP_SETTINGS_FILE": ".semgrep/settings.yml",
            **more,
        }

    def configuration(self) -> str:
        ran = {
            name: self._shell(name).replace('"', '\\"')
            for name in (
                "fsmonitor",
                "pager",
                "sshCommand",
                "external",
                "clean",
                "smudge",
                "process",
                "textconv",
                "command",
                "program",
                "helper",
                "alternateRefsCommand",
                "askPass",
                "editor",
                "gitProxy",
            )
        }
        core = "".join(
            f'\t{key} = "{ran[key]}"\n'
            for key in (
                "fsmonitor",
                "pager",
                "sshCommand",
                "alternateRefsCommand",
                "askPass",
                "editor",
                "gitProxy",
            )
        )
        drivers = "".join(f'\t{key} = "{ran[key]}"\n' for key in ("clean", "smudge", "process"))
        return (
            f"[core]\n{core}\thooksPath = hooks\n\tattributesFile = .gitattributes\n"
            f'[diff]\n\texternal = "{ran["external"]}"\n[log]\n\tshowSignature = true\n'
            f'[filter "evil"]\n{drivers}\trequired = true\n'
            f'[filter "worse"]\n\tclean = "{ran["clean"]}"\n\tsmudge = "{ran["smudge"]}"\n'
            f'[diff "evil"]\n\ttextconv = "{ran["textconv"]}"\n\tcommand = "{ran["command"]}"\n'
            f'[gpg]\n\tprogram = "{ran["program"]}"\n[credential]\n\thelper = "!{ran["helper"]}"\n'
            '[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n'
        )

    def _module(self, name: str) -> str:
        # there before `open` is
        return f"import posix; posix.close(posix.open({str(self.marks / name)!r}, 65))\n"

    def _program(self, name: str) -> str:
        return f"#!/bin/sh\n{self._shell(name)}\nexit 0\n"

    def _shell(self, name: str) -> str:
        return f": > {self.marks}/{name.replace('/', '_')}"
