"""Which tests `make quick` leaves out."""

SLOW = (
    "cli/test_commands.py::test_a_diff_too_large_for_memory_is_refused",
    "cli/test_commands.py::test_a_full_disk_costs_time_and_nothing_else",
    "cli/test_commands.py::test_a_repository_without_lessons_is_guarded_by_the_famous_incidents",
    "cli/test_commands.py::test_an_unwritable_cache_is_said_and_the_check_goes_on",
    "cli/test_commands.py::test_coverage_tells_proven_from_stale_and_failed",
    "cli/test_commands.py::test_large_binary_and_deep_files_do_not_stop_the_others",
    "cli/test_streams.py",
    "cli/test_uncommitted.py",
    "famous",
    "changes/test_diff_input.py::test_wherever_a_diff_is_cut_nothing_is_lost_without_a_word",
    "changes/test_functions.py::test_a_text_over_a_million_characters_has_none",
    "changes/test_git.py::test_large_and_hidden_files_are_named_and_images_are_not",
    "changes/test_parser.py::test_no_text_raises",
    "guards/recall/test_recall.py::test_a_change_of_many_files_is_looked_at_in_bounded_time",
    "guards/recall/test_recall.py::test_a_long_hunk_whose_file_cannot_be_read_is_looked_at_in",
    "guards/recall/test_recall.py::test_many_lessons_with_the_same_code_say_little_and_cost_little",
    "guards/recall/test_recall.py::test_text_that_would_end_the_parser_is_lexed_instead",
    "guards/recall/test_tokens.py::test_hostile_texts_take_linear_time",
    "guards/recall/test_tokens.py::test_the_largest_hostile_texts_do_not_hang",
    "guards/test_rules.py::test_a_core_that_does_not_sing_is_replaced_by_the_whole_program",
    "guards/test_rules.py::test_a_huge_hunk_of_a_file_that_cannot_be_read_is_judged_in_pieces",
    "guards/test_rules.py::test_both_roads",
    "guards/test_rules.py::test_many_changes_asked_about_at_once_find_what_each_finds_alone",
    "guards/test_rules.py::test_prefiltered_core_finds_what_semgrep_scan_finds",
    "guards/test_safeguards.py::test_a_hostile_change_is_judged_in_bounded_time_and_the_rest_is",
    "learning/learn",
    "learning/lint/test_autofix.py",
    "learning/test_autopsy.py",
    "learning/test_backtest.py",
    "learning/test_promote.py",
    "learning/verify",
    "lessons/test_compiler.py::test_two_processes_at_once_both_get_a_whole_index",
    "lessons/test_hostile_registry.py",
    "lessons/test_lesson_writer.py::test_what_was_set_is_read_back_and_every_other_line_is",
    "pipeline",
    "service",
    "test_contributing.py",
    "verdicts/test_escapes.py",
    "verdicts/test_guard.py",
    "verdicts/test_unseen.py",
)
"""Beginnings of the names of those that `make quick` leaves out: they start services, Semgrep or
git many times, or work on very large texts.
"""

QUICK = (
    "learning/learn/test_postmortem.py::test_a_fix_and_a_post_mortem_become_one_draft",
    "learning/verify/test_verify.py::test_a_rule_that_fires_on_its_own_fix_is_not",
    "service/jobs/test_commands.py",
    "service/web/test_webhook.py",
    "service/jobs/test_review.py::test_what_stands_is_not_said_again",
    "verdicts/test_guard.py::test_taking_the_mitigation_out_is_seen_by_rules_recall_and_safeguards",
)
"""Of these, the ones it asks all the same: some of each room."""
