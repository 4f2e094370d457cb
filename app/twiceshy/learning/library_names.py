"""Names that a library or the language gave: a project cannot choose others for them. Only data."""

import builtins

from twiceshy.lessons.language import words

_BUILT_INS = (str, bytes, list, dict, set, int, float, BaseException, property)


def _python_names() -> frozenset[str]:
    names = set(dir(builtins))
    for built_in in _BUILT_INS:
        names.update(dir(built_in))
    return frozenset(names)


_EVERYWHERE = words(
    # containers, texts, numbers
    "add addAll all any append apply at begin back c_str cap capacity ceil charAt clear clone code "
    "collect concat contains containsKey containsValue copy count data default delete deque dict "
    "difference digest each empty emplace_back end endsWith entries entry entrySet equals erase "
    "exec exists extend filter filterMap find findAll first flat flatMap floor fold forEach "
    "format front from fromEntries get getOrDefault group groups has hasNext hash hashCode head "
    "includes index indexOf insert into is_empty is_none is_some isEmpty isNaN isArray isinstance "
    "items iter iterator join key keySet keys last lastIndexOf len length list lower map match max "
    "merge min name next ok offset order parse peek poll pop pop_back popleft pow put putAll push "
    "push_back range reduce remove removeAll repeat replace replaceAll reset resize reverse round "
    "search set setdefault shift size slice some sort sorted splice split sqrt stream string strip "
    "sub substr substring sum swap tail test toArray toFixed toList toLowerCase toString "
    "toUpperCase trim trunc type union unique unshift unwrap unwrap_or update upper value valueOf "
    "values zip "
    # input, output, processes
    "accept bind buffer call chmod close connect cwd disconnect dump dumps emit encode decode "
    "environ err error exit file flush fetch fileno fork getenv getsockopt seek tell header "
    "headers host input kill listen load loads log logger lookup mkdir move notify on once open "
    "output path pid pipe popen post print printf println process query read readFile readLine "
    "readline readlines recv rename request response resume rmdir rollback commit execute cursor "
    "fetchall fetchone send sendall setsockopt sleep socket spawn stat status stderr stdin stdout "
    "sync system timeout truncate unlink url wait write writeFile writelines "
    # threads, time, futures
    "acquire add_done_callback after async await before cancel catch clearTimeout date datetime "
    "defer done exception finally future getTime interrupt isAlive lock locked notifyAll now "
    "promise reject release resolve result run set_exception set_result setTimeout setInterval "
    "start stop submit synchronized task then thread time unlock wg yield "
    # what frameworks and test tools call or name
    "after_request assert assertEqual assertRaises assertTrue assertThat assertEquals before_all "
    "cls constructor context created debug delete describe destroy dispatch dispose done_callback "
    "expect fail fatal finalize finish get_object handle hook info init initialize inspect install "
    "it main middleware mount new next_tick nextTick options params patch prepare raise render "
    "req res require route schema self setUp setup str super tearDown teardown this throw trace "
    "use validate visit warn warning window document module exports prototype arguments global "
    "console Math JSON Object Array String Number Boolean Date RegExp Promise Symbol Map Set "
    # C and Go
    "append calloc cap complex close delete errno fclose fopen fprintf fread free fwrite imag len "
    "make malloc memcmp memcpy memmove memset new panic realloc recover snprintf sprintf strcmp "
    "strcpy strdup strlen strncmp strncpy NULL EOF EINTR EAGAIN ENOENT EINVAL EPIPE ENOMEM SIGINT "
    "SIGKILL SIGTERM INT_MAX UINT_MAX SIZE_MAX MAX_VALUE MIN_VALUE UTF_8 PATH NaN Infinity "
    "int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 rune byte bool "
    "size_t ssize_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t char double "
    "u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 HOME USER PWD TMPDIR LANG SHELL "
    "nil null undefined None True False java javax org com System Integer Long Character "
    "getClass getName getMessage getValue getKey "
    # Rust's and Ruby's macros and calls
    "vec println eprintln assert_eq write format todo unreachable attr_accessor attr_reader puts "
    "raise lambda proc block_given? freeze nil? present? blank? params"
)

LIBRARY_NAMES = _EVERYWHERE | _python_names()
"""Of all languages together: a name that is kept though it was free hides nothing."""
