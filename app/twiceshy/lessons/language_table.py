"""The records of all languages, one each: whoever adds a language adds one here. Only data."""

from twiceshy.lessons.language import (
    ClassFrame,
    CommentMark,
    Grammar,
    Idioms,
    Language,
    Patterns,
    words,
)

_C_LIKE = (CommentMark.SLASHES, CommentMark.BLOCK)
_SCRIPT_BLOCK = ("if (enabled) {", "}")
_CLASS_BLOCK = ("class Elsewhere {", "}")
_ONE_CONST = "const counted = 0;"
_TWO_CONSTS = "const counted = 0;\nconst labels = [counted].map(String);\n"
_ELIXIR_CALLS = {
    "def": False,
    "defp": False,
    "defmacro": False,
    "defmodule": True,
    "defprotocol": True,
    "defimpl": True,
}
_TYPESCRIPT_TREES = Grammar(
    functions=words(
        "arrow_function function_declaration function_expression generator_function "
        "generator_function_declaration method_definition"
    ),
    unnamed=words("arrow_function function_expression generator_function"),
    classes=words("class class_declaration enum_declaration interface_declaration module"),
    wrappers=words("export_statement"),
    strings=words("regex string template_string"),
    numbers=words("number"),
    calls=words("call_expression new_expression"),
    expressions=words("binary_expression subscript_expression"),
)
_TYPESCRIPT_KEYWORDS = words(
    "if else for while do return try catch finally throw break continue switch case "
    "default class interface extends implements abstract enum type namespace new "
    "delete typeof instanceof function var let const async await yield import from in "
    "null undefined true false this super public private protected static string "
    "boolean object void"
)

_BRACED_TESTS = (
    "if (TEST) { ... }\n...",
    "if (TEST) { ... } else { ... }\n...",
    "while (TEST) { ... }",
    "TEST && $OTHER",
    "TEST || $OTHER",
    "TEST ? $ANY : $OTHER",
)
_BRACED_RELEASES = ("try { ... } finally { ... CALL; ... }",)
_C_IDIOMS = Idioms((*_BRACED_TESTS, "assert(TEST);\n..."), ends=";")
_SCRIPT_IDIOMS = Idioms(
    (*_BRACED_TESTS, "TEST ?? $OTHER", "assert(TEST, ...);\n..."),
    catches=("try { ... } catch ($ANY) { ... }", "try { ... } catch { ... }"),
    releases=_BRACED_RELEASES,
    takes=("function $F(..., NAME, ...) { ... }",),
    spread="...$REST",
    method="NAME(...) { ... }",
    # of an arrow Semgrep overlooks the word
    asynchronous=("async function $ASYNC(...) { ... }",),
    promises=("CALL.$THEN(...)", "void CALL", "(...) => CALL"),
)
_JAVA_IDIOMS = Idioms(
    (*_BRACED_TESTS, "Objects.requireNonNull(TEST, ...);\n...", "assert TEST;\n..."),
    ends=";",
    catches=("try { ... } catch (ERROR $ANY) { ... }",),
    releases=_BRACED_RELEASES,
    takes=("$GIVEN $F(..., $ANY NAME, ...) { ... }",),
    method="$RETURNED NAME(...) { ... }",
)
_CSHARP_IDIOMS = Idioms(
    _BRACED_TESTS,
    "var NAME = VALUE",
    ";",
    catches=("try { ... } catch (ERROR $ANY) { ... }",),
    releases=_BRACED_RELEASES,
    keyword="NAME: $GIVEN",
)
_PHP_IDIOMS = Idioms(_BRACED_TESTS, ends=";")
_GO_IDIOMS = Idioms(
    (
        "if TEST { ... }\n...\n$REST",
        "if TEST { ... }",
        "if TEST { ... } else { ... }",
        "if $ANY := $GIVEN; TEST { ... }",
        "for TEST { ... }",
        "switch { case TEST: ... }",
        "TEST && $OTHER",
        "TEST || $OTHER",
    ),
    "NAME := VALUE",
    rest="\n...\n$REST",  # a pattern of statements cannot end with an ellipsis here
    takes=("func $F(..., NAME $ANY, ...) { ... }",),
)
_RUST_IDIOMS = Idioms(
    (
        "if TEST { ... }\n...",
        "if TEST { ... } else { ... }\n...",
        "TEST && $OTHER",
        "TEST || $OTHER",
    ),
    "let NAME = VALUE",
    ";",
)
_KOTLIN_IDIOMS = Idioms(
    (
        "if (TEST) { ... }\n...",
        "if (TEST) { ... } else { ... }\n...",
        "TEST && $OTHER",
        "TEST || $OTHER",
    ),
    releases=("try { ... } finally {\n ...\n CALL\n ...\n }",),
    keyword="NAME = $GIVEN",
)
_RUBY_IDIOMS = Idioms(
    (
        "if TEST\n  ...\nend\n...",
        "if TEST\n  ...\nelse\n  ...\nend\n...",
        "unless TEST\n  ...\nend\n...",
        "TEST && $OTHER",
        "TEST || $OTHER",
        "TEST ? $ANY : $OTHER",
    ),
    releases=("begin\n  ...\nensure\n  ...\n  CALL\n  ...\nend",),
    keyword="NAME: $GIVEN",
)
_PYTHON_IDIOMS = Idioms(
    (
        "if TEST:\n    ...\n...",
        "while TEST:\n    ...",
        "TEST and ...",
        "TEST or ...",
        "$ANY if TEST else $OTHER",
        "assert TEST\n...",
        "assert TEST, ...\n...",
    ),
    catches=(
        "try:\n    ...\nexcept ERROR:\n    ...",
        "try:\n    ...\nexcept (..., ERROR, ...):\n    ...",
        "try:\n    ...\nexcept ERROR as $GIVEN:\n    ...",
        "try:\n    ...\nexcept (..., ERROR, ...) as $GIVEN:\n    ...",
        "try:\n    ...\nexcept $ANY:\n    ...\nexcept ERROR:\n    ...",
        "try:\n    ...\nexcept ERROR:\n    ...\nexcept $ANY:\n    ...",
    ),
    releases=("try:\n    ...\nfinally:\n    ...\n    CALL\n    ...",),
    takes=("def $F(..., NAME, ...):\n    ...", "def $F(..., NAME=$ANY, ...):\n    ..."),
    keyword="NAME=$GIVEN",
)

_JAVA_FRAME = ClassFrame(
    "class Warehouse {\n    int shelf() {\n        return 1;\n    }\n",
    "}",
    ("void restock() {", "}"),
    fields_bare=True,
)
_KOTLIN_FRAME = ClassFrame(
    "class Warehouse {\n    fun shelf(): Int {\n        return 1\n    }\n",
    "}",
    ("fun restock() {", "}"),
    fields_bare=True,
)
_SCALA_FRAME = ClassFrame(
    "class Warehouse {\n    def shelf(): Int = {\n        1\n    }\n",
    "}",
    ("def restock(): Unit = {", "}"),
    fields_bare=True,
)
_SCRIPT_FRAME = ClassFrame(
    "class Warehouse {\n    shelf() {\n        return 1;\n    }\n",
    "}",
    ("restock() {", "}"),
    bare_methods=True,
)
_CPP_FRAME = ClassFrame(
    "struct Warehouse {\n    int shelf() {\n        return 1;\n    }\n",
    "};",
    ("void restock() {", "}"),
    fields_bare=True,
)
_PHP_FRAME = ClassFrame(
    "class Warehouse {\n    public function shelf() {\n        return 1;\n    }\n",
    "}",
    ("public function restock() {", "}"),
)
_PYTHON_FRAME = ClassFrame(
    "class Warehouse:\n    def shelf(self):\n        return 1\n",
    "",
    ("def restock(self):", ""),
    first_parameter="self",
)
_RUBY_FRAME = ClassFrame(
    "class Warehouse\n    def shelf\n        1\n    end\n",
    "end",
    ("def restock", "end"),
)
_RUST_FRAME = ClassFrame(
    "impl Warehouse {\n    fn shelf(&self) -> u32 {\n        1\n    }\n",
    "}",
    ("fn restock(&mut self) {", "}"),
)
_SWIFT_FRAME = ClassFrame(
    "class Warehouse {\n    func shelf() -> Int {\n        return 1\n    }\n",
    "}",
    ("func restock() {", "}"),
    fields_bare=True,
)
_GO_FRAME = ClassFrame(
    "type Warehouse struct{}\n\nfunc (w *Warehouse) Shelf() int {\n\treturn 1\n}\n",
    method=("func (w *Warehouse) Restock() {", "}"),
    margin="\t",
    receiver="Warehouse",
)

LANGUAGES: tuple[Language, ...] = (
    Language(
        "bash",
        (".bash", ".sh", ".zsh"),
        aliases=("sh", "shell", "zsh"),
        interpreters=("bash", "sh"),
        grammar=Grammar(
            functions=words("function_definition"),
            strings=words("heredoc_body regex string"),
            numbers=words("number"),
            expressions=words("binary_expression subscript"),
        ),
        comments=(CommentMark.HASH,),
        keywords=words(
            "if elif else for while do done then fi case select return echo local break continue in"
        ),
        defining_words=words("function"),
        continuing_words=words("else elif"),
    ),
    Language(
        "c",
        (".c", ".h"),
        aliases=("h",),
        grammar=Grammar(
            functions=words("function_definition"),
            classes=words("struct_specifier"),
            strings=words("char_literal concatenated_string string_literal"),
            numbers=words("number_literal"),
            calls=words("call_expression"),
            expressions=words("binary_expression subscript_expression"),
        ),
        comments=_C_LIKE,
        keywords=words(
            "if else for while do return break continue switch case default goto struct enum "
            "static const void int float double long char"
        ),
        importing_words=words("include"),
        continuing_words=words("else case default"),
        local_names=True,
        idioms=_C_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
    ),
    Language(
        "clojure",
        (".clj", ".cljs", ".cljc", ".edn"),
        comments=(CommentMark.SEMICOLONS,),
    ),
    Language(
        "cpp",
        (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inl", ".ipp"),
        aliases=("c++",),
        grammar=Grammar(
            functions=words("function_definition"),
            classes=words("class_specifier struct_specifier"),
            wrappers=words("template_declaration"),
            strings=words("char_literal concatenated_string raw_string_literal string_literal"),
            numbers=words("number_literal"),
            calls=words("call_expression new_expression"),
            expressions=words("binary_expression subscript_expression"),
        ),
        family="c",
        comments=_C_LIKE,
        keywords=words(
            "if else for while do return try catch throw break continue switch case default "
            "goto struct enum class public private protected static const void int float "
            "double long char bool new delete this namespace using import module"
        ),
        binding_words=words("auto"),
        importing_words=words("include using"),
        continuing_words=words("else case default catch"),
        local_names=True,
        idioms=_C_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
        block=("namespace elsewhere {", "}"),
        generated_names=(".pb.cc", ".pb.h"),
        class_frame=_CPP_FRAME,
    ),
    Language(
        "csharp",
        (".cs",),
        aliases=("c#", "cs"),
        grammar=Grammar(
            functions=words(
                "constructor_declaration destructor_declaration local_function_statement "
                "method_declaration"
            ),
            classes=words(
                "class_declaration enum_declaration interface_declaration record_declaration "
                "struct_declaration type_declaration"
            ),
            strings=words(
                "character_literal raw_string_literal string_literal verbatim_string_literal"
            ),
            numbers=words("integer_literal real_literal"),
            calls=words("invocation_expression object_creation_expression"),
            expressions=words("binary_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=('"""',),
        keywords=words(
            "if else for while do return try catch finally throw break continue switch case "
            "default goto struct enum class interface public private protected static const "
            "void int float double long char bool string object new null true false this "
            "namespace using async await yield abstract override in is as"
        ),
        binding_words=words("var"),
        importing_words=words("using"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        idioms=_CSHARP_IDIOMS,
        patterns=Patterns.BRACES,
        named_argument=":",
        neighbour="var counted = 0;",
        block=_CLASS_BLOCK,
        generated_names=(".designer.cs",),
        class_frame=_JAVA_FRAME,
    ),
    Language(
        "css",
        (".css", ".scss", ".less"),
        grammar=Grammar(
            strings=words("string_value"),
            calls=words("call_expression"),
            expressions=words("binary_expression"),
        ),
        comments=(CommentMark.BLOCK,),
        words_are_meaning=True,
        minified_names=(".min.css", "-min.css", ".css.map"),
        minified_endings=(".css",),
    ),
    Language(
        "dart",
        (".dart",),
        comments=_C_LIKE,
        long_quotes=('"""', "'''"),
        keywords=words(
            "if else for while return final const var void class extends implements import "
            "new this super async await"
        ),
        importing_words=words("import"),
        generated_names=(".g.dart",),
    ),
    Language(
        "dockerfile",
        (".dockerfile",),
        aliases=("docker",),
        file_names=("dockerfile", "containerfile"),
        file_starts=("dockerfile.", "containerfile"),
        example="Dockerfile",
        comments=(CommentMark.HASH,),
        words_are_meaning=True,
        nested_keys=True,
        ignores_case=True,
    ),
    Language(
        "elixir",
        (".ex", ".exs"),
        grammar=Grammar(
            functions=words("anonymous_function"),
            unnamed=words("anonymous_function"),
            strings=words("string"),
            numbers=words("float integer"),
            calls=words("call"),
            expressions=words("binary_operator"),
            defining_calls=_ELIXIR_CALLS,
        ),
        comments=(CommentMark.HASH,),
        long_quotes=('"""', "'''"),
        keywords=words(
            "def do end fn case if else unless import use require raise rescue true false nil "
            "in and or not"
        ),
        importing_words=words("import use require"),
        continuing_words=words("else rescue end"),
    ),
    Language(
        "erlang",
        (".erl",),
    ),
    Language(
        "go",
        (".go",),
        aliases=("golang",),
        grammar=Grammar(
            functions=words("func_literal function_declaration method_declaration"),
            unnamed=words("func_literal"),
            classes=words("type_declaration"),
            strings=words("interpreted_string_literal raw_string_literal rune_literal"),
            numbers=words("float_literal int_literal"),
            calls=words("call_expression"),
            expressions=words("binary_expression index_expression"),
            receivers=True,
        ),
        comments=_C_LIKE,
        long_quotes=("`",),
        keywords=words(
            "if else for return func package import var const type struct interface map chan "
            "go defer goto range select switch case default break continue nil true false "
            "string int bool"
        ),
        defining_words=words("func"),
        binding_words=words("var const"),
        importing_words=words("import package"),
        continuing_words=words("else case default"),
        local_names=True,
        idioms=_GO_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour="var counted int",
        generated_names=(".pb.go",),
        class_frame=_GO_FRAME,
    ),
    Language(
        "graphql",
        (".graphql", ".gql"),
        comments=(CommentMark.HASH,),
        long_quotes=('"""',),
    ),
    Language(
        "groovy",
        (".groovy", ".gradle"),
        file_names=("jenkinsfile",),
        comments=_C_LIKE,
        long_quotes=('"""', "'''"),
        keywords=words("def if else for while return class import package"),
        defining_words=words("def"),
    ),
    Language(
        "haskell",
        (".hs",),
        aliases=("hs",),
        grammar=Grammar(
            functions=words("function lambda"),
            unnamed=words("lambda"),
            classes=words("class module"),
            strings=words("string"),
            numbers=words("float integer"),
        ),
        comments=(CommentMark.DASHES,),
        keywords=words("if then else case let in do import module class type"),
        importing_words=words("import"),
    ),
    Language(
        "hcl",
        (".tf", ".hcl", ".tfvars", ".tofu"),
        aliases=("terraform", "tf"),
        grammar=Grammar(
            numbers=words("numeric_lit"),
            classes=words("block"),
            labels=True,
        ),
        comments=(CommentMark.HASH, *_C_LIKE),
        words_are_meaning=True,
        nested_keys=True,
        highlighter="terraform",
        idioms=Idioms((), pair="KEY = VALUE"),
    ),
    Language(
        "html",
        (".html", ".htm", ".vue"),
        grammar=Grammar(
            strings=words("quoted_attribute_value"),
        ),
        comments=(CommentMark.MARKUP, *_C_LIKE),
        words_are_meaning=True,
        minified_endings=(".html",),
    ),
    Language(
        "java",
        (".java",),
        grammar=Grammar(
            functions=words("constructor_declaration method_declaration"),
            classes=words(
                "class_declaration enum_declaration interface_declaration record_declaration"
            ),
            strings=words("character_literal string_literal"),
            numbers=words(
                "decimal_floating_point_literal decimal_integer_literal hex_integer_literal "
                "octal_integer_literal"
            ),
            calls=words("method_invocation object_creation_expression"),
            expressions=words("binary_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=('"""',),
        keywords=words(
            "byte if else for while do return try catch finally throw throws break continue "
            "switch case default class interface enum extends implements abstract public "
            "private protected static final void int float double long char boolean new null "
            "true false this super import package instanceof"
        ),
        binding_words=words("var"),
        importing_words=words("import package"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        idioms=_JAVA_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
        block=_CLASS_BLOCK,
        class_frame=_JAVA_FRAME,
    ),
    Language(
        "javascript",
        (".js", ".jsx", ".mjs", ".cjs"),
        aliases=("js", "jsx"),
        interpreters=("node", "nodejs"),
        grammar=Grammar(
            functions=words(
                "arrow_function function_declaration function_expression generator_function "
                "generator_function_declaration method_definition"
            ),
            unnamed=words("arrow_function function_expression generator_function"),
            classes=words("class class_declaration"),
            wrappers=words("export_statement"),
            strings=words("regex string template_string"),
            numbers=words("number"),
            calls=words("call_expression new_expression"),
            expressions=words("binary_expression subscript_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=("`",),
        keywords=words(
            "if else for while do return try catch finally throw break continue switch case "
            "default class extends super new delete typeof instanceof function var let const "
            "async await yield import from in null undefined true false this require exports "
            "module"
        ),
        defining_words=words("function"),
        binding_words=words("let const var for"),
        importing_words=words("import"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        idioms=_SCRIPT_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        company=_TWO_CONSTS,
        block=_SCRIPT_BLOCK,
        minified_names=(".min.js", "-min.js", ".min.mjs", "-min.mjs", ".js.map", ".bundle.js"),
        minified_endings=(".js", ".mjs", ".cjs"),
        class_frame=_SCRIPT_FRAME,
    ),
    Language(
        "json",
        (".json", ".ipynb"),
        grammar=Grammar(
            strings=words("string"),
            numbers=words("number"),
        ),
        words_are_meaning=True,
        nested_keys=True,
        minified_endings=(".json",),
    ),
    Language(
        "julia",
        (".jl",),
        comments=(CommentMark.HASH,),
        long_quotes=('"""',),
    ),
    Language(
        "kotlin",
        (".kt", ".kts"),
        aliases=("kt",),
        grammar=Grammar(
            functions=words("anonymous_function function_declaration"),
            unnamed=words("anonymous_function"),
            classes=words("class_declaration object_declaration"),
            strings=words("character_literal string_literal"),
            numbers=words("integer_literal real_literal"),
            calls=words("call_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=('"""',),
        keywords=words(
            "if else for while do return try catch finally throw break continue fun val var "
            "class object interface enum override abstract package import in is as null true "
            "false this super"
        ),
        defining_words=words("fun"),
        binding_words=words("val var"),
        importing_words=words("import package"),
        continuing_words=words("else catch finally"),
        local_names=True,
        idioms=_KOTLIN_IDIOMS,
        patterns=Patterns.BRACES,
        named_argument="=",
        neighbour="val counted = 0",
        block=_CLASS_BLOCK,
        class_frame=_KOTLIN_FRAME,
    ),
    Language(
        "lua",
        (".lua",),
        interpreters=("lua",),
        grammar=Grammar(
            functions=words("function_declaration function_definition"),
            strings=words("string"),
            numbers=words("number"),
            expressions=words("binary_expression"),
        ),
        comments=(CommentMark.DASHES,),
        keywords=words(
            "if then else for while do end function local return break in and or not nil true "
            "false require"
        ),
        defining_words=words("function"),
        importing_words=words("require"),
        continuing_words=words("else end"),
    ),
    Language(
        "make",
        (".mk",),
        file_names=("makefile",),
        example="Makefile",
        comments=(CommentMark.HASH,),
        importing_words=words("include"),
        words_are_meaning=True,
    ),
    Language(
        "nix",
        (".nix",),
        grammar=Grammar(
            functions=words("function_expression"),
            unnamed=words("function_expression"),
            expressions=words("binary_expression"),
        ),
        comments=(
            CommentMark.HASH,
            CommentMark.BLOCK,
        ),
        words_are_meaning=True,
    ),
    Language(
        "objc",
        (".m", ".mm"),
        comments=_C_LIKE,
    ),
    Language(
        "ocaml",
        (".ml", ".mli"),
    ),
    Language(
        "perl",
        (".pl", ".pm"),
        comments=(CommentMark.HASH,),
        keywords=words("if else unless for while return local use require package"),
        importing_words=words("use require"),
    ),
    Language(
        "php",
        (".php", ".phtml"),
        interpreters=("php",),
        grammar=Grammar(
            functions=words(
                "anonymous_function arrow_function function_definition method_declaration"
            ),
            unnamed=words("anonymous_function arrow_function"),
            classes=words(
                "class_declaration enum_declaration interface_declaration trait_declaration"
            ),
            strings=words("encapsed_string heredoc_body string"),
            numbers=words("float integer"),
            calls=words(
                "function_call_expression member_call_expression object_creation_expression "
                "scoped_call_expression"
            ),
            expressions=words("binary_expression subscript_expression"),
        ),
        comments=(CommentMark.HASH, *_C_LIKE),
        keywords=words(
            "if else for while do return try catch finally throw break continue switch case "
            "default class interface extends implements abstract function public private "
            "protected static final const new null true false self echo namespace use require "
            "global and or as"
        ),
        defining_words=words("function"),
        importing_words=words("use require include"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        neighbour="$counted = 0;",
        block=("if ($enabled) {", "}"),
        class_frame=_PHP_FRAME,
        idioms=_PHP_IDIOMS,
    ),
    Language(
        "powershell",
        (".ps1",),
        comments=(CommentMark.HASH,),
    ),
    Language(
        "properties",
        (".properties", ".ini", ".cfg", ".conf", ".env"),
        aliases=("ini", "conf"),
        comments=(CommentMark.HASH,),
        words_are_meaning=True,
        nested_keys=True,
        highlighter="ini",
    ),
    Language(
        "protobuf",
        (".proto",),
        comments=_C_LIKE,
    ),
    Language(
        "python",
        (".py", ".pyi", ".pyw"),
        aliases=("py", "python3"),
        interpreters=("python", "python2", "python3"),
        grammar=Grammar(
            functions=words("function_definition lambda"),
            unnamed=words("lambda"),
            classes=words("class_definition module"),
            wrappers=words("decorated_definition"),
            strings=words("concatenated_string string"),
            numbers=words("float integer"),
            calls=words("call"),
            expressions=words("binary_operator boolean_operator comparison_operator subscript"),
            dedent_ends_block=True,
        ),
        comments=(CommentMark.HASH,),
        long_quotes=('"""', "'''"),
        keywords=words(
            "if elif else for while return try except finally with as in is not and or import "
            "from def class pass break continue raise async await yield lambda none true "
            "false self assert del global nonlocal"
        ),
        defining_words=words("def"),
        binding_words=words("for as"),
        importing_words=words("import from"),
        continuing_words=words("else elif except finally"),
        local_names=True,
        idioms=_PYTHON_IDIOMS,
        patterns=Patterns.INDENTED,
        named_argument="=",
        neighbour="counted = 0",
        company="counted = 0\nlabels = [str(each) for each in range(counted)]\n",
        block=("if enabled:", ""),
        generated_names=("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi"),
        class_frame=_PYTHON_FRAME,
    ),
    Language(
        "r",
        (".r",),
        comments=(CommentMark.HASH,),
    ),
    Language(
        "regex",
        (".regex",),
    ),
    Language(
        "ruby",
        (".rb", ".rake"),
        aliases=("rb",),
        file_names=("gemfile", "rakefile"),
        interpreters=("ruby",),
        grammar=Grammar(
            functions=words("lambda method singleton_method"),
            unnamed=words("lambda"),
            classes=words("class module"),
            strings=words("heredoc_body regex string"),
            numbers=words("float integer"),
            calls=words("call"),
        ),
        comments=(CommentMark.HASH,),
        keywords=words(
            "if else unless for while do end begin rescue return def class module then case "
            "in and or not nil true false self super yield require raise"
        ),
        defining_words=words("def"),
        binding_words=words("for"),
        importing_words=words("require include"),
        continuing_words=words("else rescue ensure when end"),
        local_names=True,
        idioms=_RUBY_IDIOMS,
        patterns=Patterns.INDENTED,
        named_argument=":",
        neighbour="counted = 0",
        block=("if enabled", "end"),
        class_frame=_RUBY_FRAME,
    ),
    Language(
        "rust",
        (".rs",),
        aliases=("rs",),
        grammar=Grammar(
            functions=words("closure_expression function_item function_signature_item"),
            unnamed=words("closure_expression"),
            classes=words("enum_item impl_item struct_item trait_item"),
            strings=words("char_literal raw_string_literal string_literal"),
            numbers=words("float_literal integer_literal"),
            calls=words("call_expression"),
            expressions=words("binary_expression index_expression"),
        ),
        comments=_C_LIKE,
        keywords=words(
            "if else for while return break continue fn let mut pub impl use struct enum type "
            "const static self super true false async await in as"
        ),
        defining_words=words("fn"),
        binding_words=words("let for"),
        importing_words=words("use"),
        continuing_words=words("else"),
        local_names=True,
        idioms=_RUST_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour="let counted = 0;",
        block=("mod elsewhere {", "}"),
        class_frame=_RUST_FRAME,
    ),
    Language(
        "scala",
        (".scala",),
        interpreters=("scala",),
        grammar=Grammar(
            functions=words("function_declaration function_definition"),
            classes=words("class_definition object_definition trait_definition"),
            strings=words("character_literal string"),
            numbers=words("integer_literal"),
            calls=words("call_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=('"""',),
        keywords=words(
            "if else for while do return try catch finally throw def val var class object "
            "extends override abstract package import with new null true false this super "
            "case"
        ),
        defining_words=words("def"),
        binding_words=words("val var"),
        importing_words=words("import package"),
        continuing_words=words("else case catch finally"),
        local_names=True,
        patterns=Patterns.BRACES,
        named_argument="=",
        neighbour="val counted = 0",
        block=_CLASS_BLOCK,
        class_frame=_SCALA_FRAME,
    ),
    Language(
        "solidity",
        (".sol",),
        aliases=("sol",),
        grammar=Grammar(
            functions=words("constructor_definition function_definition modifier_definition"),
            classes=words(
                "contract_declaration enum_declaration interface_declaration struct_declaration"
            ),
            strings=words("string string_literal"),
            numbers=words("number_literal"),
            calls=words("call_expression new_expression"),
            expressions=words("binary_expression"),
            named_by_keyword={"constructor_definition": "constructor"},
        ),
        comments=_C_LIKE,
        keywords=words(
            "if else for while return function public private import struct enum interface "
            "bool string new delete true false is"
        ),
        defining_words=words("function"),
        importing_words=words("import"),
    ),
    Language(
        "sql",
        (".sql",),
        comments=(
            CommentMark.DASHES,
            CommentMark.BLOCK,
        ),
        keywords=words(
            "select from and or not in is null as integer int float case then else end begin"
        ),
        words_are_meaning=True,
        ignores_case=True,
    ),
    Language(
        "swift",
        (".swift",),
        grammar=Grammar(
            functions=words("function_declaration init_declaration protocol_function_declaration"),
            classes=words("class_declaration"),
            strings=words("line_string_literal raw_string_literal"),
            numbers=words("integer_literal real_literal"),
            calls=words("call_expression"),
        ),
        comments=_C_LIKE,
        long_quotes=('"""',),
        keywords=words(
            "if else for while return func let var class struct enum import in is as nil true "
            "false self super throw throws try catch break continue switch case default "
            "override"
        ),
        defining_words=words("func"),
        binding_words=words("let var for"),
        importing_words=words("import"),
        continuing_words=words("else case default catch"),
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="let counted = 0",
        block=("struct Elsewhere {", "}"),
        class_frame=_SWIFT_FRAME,
    ),
    Language(
        "toml",
        (".toml",),
        comments=(CommentMark.HASH,),
        long_quotes=('"""', "'''"),
        words_are_meaning=True,
        nested_keys=True,
    ),
    Language(
        "tsx",
        (".tsx",),
        grammar=_TYPESCRIPT_TREES,
        family="javascript",
        comments=_C_LIKE,
        long_quotes=("`",),
        keywords=_TYPESCRIPT_KEYWORDS,
        defining_words=words("function"),
        binding_words=words("let const var for"),
        importing_words=words("import"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        idioms=_SCRIPT_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        block=_SCRIPT_BLOCK,
        semgrep="typescript",
        class_frame=_SCRIPT_FRAME,
    ),
    Language(
        "typescript",
        (".ts", ".mts", ".cts"),
        aliases=("ts",),
        grammar=_TYPESCRIPT_TREES,
        family="javascript",
        comments=_C_LIKE,
        long_quotes=("`",),
        keywords=_TYPESCRIPT_KEYWORDS,
        defining_words=words("function"),
        binding_words=words("let const var for"),
        importing_words=words("import"),
        continuing_words=words("else case default catch finally"),
        local_names=True,
        idioms=_SCRIPT_IDIOMS,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        company=_TWO_CONSTS,
        block=_SCRIPT_BLOCK,
        class_frame=_SCRIPT_FRAME,
    ),
    Language(
        "xml",
        (".xml", ".plist"),
        comments=(CommentMark.MARKUP,),
        words_are_meaning=True,
        minified_endings=(".svg",),
    ),
    Language(
        "yaml",
        (".yaml", ".yml"),
        aliases=("yml",),
        grammar=Grammar(
            strings=words("double_quote_scalar single_quote_scalar"),
            numbers=words("float_scalar integer_scalar"),
        ),
        comments=(CommentMark.HASH, CommentMark.TEMPLATE),
        idioms=Idioms((), pair="KEY: VALUE"),
        words_are_meaning=True,
        nested_keys=True,
    ),
)
