"""The functions of a file, in the languages people write, and in texts nobody writes."""

import pytest

from twiceshy.changes.functions import Function, enclosing, functions

CASES = {
    "python": (
        "class A:\n    @retry\n    def f(self):\n        g = lambda x: x\n\nasync def h(): ...\n",
        ["A 1-4", "A.f 2-4", "A.f.g 4-4", "h 6-6"],
    ),
    "javascript": (
        (
            "export class A {\n  f() {}\n}\nconst g = () => {\n}\nfunction* gen() {}\n"
            "exports.k = function () {}\n"
        ),
        ["A 1-3", "A.f 2-2", "g 4-5", "gen 6-6", "exports.k 7-7"],
    ),
    "typescript": (
        "interface I { x(): void }\nclass A {\n  f = async (): Promise<void> => {\n  }\n}\n",
        ["I 1-1", "A 2-5", "A.f 3-4"],
    ),
    "tsx": ("const App = () => <div/>;\nfunction B() { return <a/>; }\n", ["App 1-1", "B 2-2"]),
    "java": (
        "class A {\n  A() {}\n  void f() {}\n  record R(int x) { int k() { return 1; } }\n}\n",
        ["A 1-5", "A.A 2-2", "A.f 3-3", "A.R 4-4", "A.R.k 4-4"],
    ),
    "go": ("package a\n\nfunc (c *C[T]) F() {\n}\n\nfunc g() {}\n", ["C.F 3-4", "g 6-6"]),
    "rust": (
        "impl<T> Tr for S<T> {\n  fn f() {}\n}\nmod m { fn g() {} }\n",
        ["S 1-3", "S.f 2-2", "g 4-4"],
    ),
    "c": ("static int *f(int a)\n{\n}\nstruct s { int a; };\n", ["f 1-3", "s 4-4"]),
    "cpp": (
        "template <class T>\nT h() {}\nint A::g() {}\nbool A::operator<(int) {}\n",
        ["h 1-2", "A.g 3-3", "A.operator< 4-4"],
    ),
    "csharp": (
        "namespace N {\n  class A {\n    A() {}\n    int F() { return 1; }\n  }\n}\n",
        ["A 2-5", "A.A 3-3", "A.F 4-4"],
    ),
    "ruby": (
        "module M\n  class A\n    def f\n    end\n    def self.g = 1\n  end\nend\n",
        ["M 1-7", "M.A 2-6", "M.A.f 3-4", "M.A.g 5-5"],
    ),
    "php": (
        "<?php\nclass A {\n  function f() {}\n}\nfunction g() {}\n",
        ["A 2-4", "A.f 3-3", "g 5-5"],
    ),
    "kotlin": (
        "class A {\n    fun f() {\n    }\n}\n\nfun g() = 1\n",
        ["A 1-4", "A.f 2-3", "g 6-6"],
    ),
    "swift": ("class A {\n  init() {}\n  func f() {\n  }\n}\n", ["A 1-5", "A.init 2-2", "A.f 3-4"]),
    "scala": ("object O {\n  def f(x: Int) = 1\n}\n", ["O 1-3", "O.f 2-2"]),
    "lua": (
        "function f() end\nlocal function g() end\nfunction M.h()\nend\n",
        ["f 1-1", "g 2-2", "M.h 3-4"],
    ),
    "elixir": (
        "defmodule A.B do\n  def f(x) when x > 1 do\n    1\n  end\n  defp g, do: 2\nend\n",
        ["A.B 1-6", "A.B.f 2-4", "A.B.g 5-5"],
    ),
    "solidity": (
        "contract A {\n  constructor() {}\n  function f() public {}\n}\n",
        ["A 1-4", "A.constructor 2-2", "A.f 3-3"],
    ),
    "hcl": ('resource "aws_db" "main" {\n  x = 1\n}\n', ["resource.aws_db.main 1-3"]),
    "json": ('{"a": {"b": 1}}\n', []),
    "yaml": ("a:\n  b: 1\n", []),
}


@pytest.mark.parametrize("language", CASES)
def test_the_functions_of_a_language(language: str) -> None:
    text, expected = CASES[language]
    seen: list[str] = []
    for function in functions(text, language):
        seen.append(f"{function.qualified} {function.start_line}-{function.end_line}")
        assert function.name == function.qualified.rsplit(".", 1)[-1]
    assert seen == expected


@pytest.mark.parametrize("language", [None, "cobol", "sql", "dockerfile", ""])
def test_a_language_without_a_grammar_has_none(language: str | None) -> None:
    assert functions("def f(): pass\n", language) == ()


def test_the_innermost_function_and_a_class_only_without_one() -> None:
    candidates = functions(
        (
            "class A:\n    x = 1\n    def f(self):\n        def g():\n            pass\n"
            "        g()\ny = 1\n"
        ),
        "python",
    )
    innermost = [enclosing(candidates, line) for line in range(1, 8)]
    names = [function.qualified if function else None for function in innermost]
    assert names == ["A", "A", "A.f", "A.f.g", "A.f.g", "A.f", None]
    assert enclosing((), 1) is None


def test_a_text_over_a_million_characters_has_none() -> None:
    assert functions("def f(): pass\n" * 71_000, "python") != ()
    assert functions("def f(): pass\n" * 72_000, "python") == ()


def test_code_that_does_not_parse_still_has_functions() -> None:
    text = "def f():\n    x = = 1\n\ndef g():\n    pass\n"
    assert Function("g", "g", 4, 5) in functions(text, "python")


def test_functions_of_bash() -> None:
    assert functions("f() {\n  echo\n}\n", "bash") == (Function("f", "f", 1, 3),)
