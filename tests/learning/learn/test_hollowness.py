"""Which names say nothing of a project, and where a file's names come from."""

import pytest

from twiceshy.learning.learn.hollowness import callers, givers, is_everybodys, telling_names
from twiceshy.learning.learn.imported_names import library_names


@pytest.mark.parametrize(
    ("pattern", "language", "telling"),
    [
        ("$LOG.Debugf(...)", "go", []),
        ("re.escape(...)", "python", []),
        ("dict(...)", "python", []),
        ("logging.getLogger(__name__)", "python", []),
        ("partner.send(...)", "python", ["partner"]),
        ("setTimeout($F, $N)", "typescript", []),
        ("$V1.getwithbase(...)", "python", ["getwithbase"]),
        ('open("telling_name")', "python", []),  # a text is no name
        ("charge_partner(...)", "zig", ["charge_partner"]),  # a language the table does not have
    ],
)
def test_a_name_that_many_projects_call_says_nothing(
    pattern: str, language: str, telling: list[str]
) -> None:
    assert telling_names(pattern, language) == telling


def test_counts_are_of_projects_and_of_the_last_two_names() -> None:
    assert callers("a.b.subprocess.run", "python") == callers("subprocess.run", "python") > 0
    assert givers("subprocess.run", "check") > givers("subprocess.run", "umask")
    assert callers("subprocess.run", "zig") == 0
    assert not is_everybodys("subprocess_of_our_own", "python")


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        (
            "import os.path as p, shop\nfrom requests import (get,\n  post as send)\n",
            "python",
            "p get send",
        ),
        ("from .models import Order\nfrom shop.models import Bill\n", "python", ""),
        ("import a, { b as c } from 'lib'\nimport d from './own'\n", "javascript", "a c"),
        ("const { e, f: g } = require('lib')\n", "typescript", "e g"),
        (
            'import (\n\t"net/http"\n\tx "github.com/a/b/v2"\n\t"example.com/shop/pay"\n)\n',
            "go",
            "http x",
        ),
        ("import java.util.List;\nimport org.shop.pay.Bill;\n", "java", "List"),
        ("use std::fs;\n", "rust", ""),  # not read
    ],
)
def test_names_of_libraries_are_not_those_of_the_tree(text: str, language: str, names: str) -> None:
    tree = ["shop/models.py", "pay/bill.go", "src/main/java/org/shop/pay/Bill.java"]
    assert library_names(text, language, tree) == frozenset(names.split())
