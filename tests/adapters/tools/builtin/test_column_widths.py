from awe.adapters.tools.builtin.document.column_widths import column_widths

SIX_INCHES = 6 * 914_400


def test_a_column_of_sentences_is_wider_than_one_of_numbers() -> None:
    short, long = column_widths(
        [["No.", "F01"], ["Finding", "A sentence that needs a good deal of room to be read"]], SIX_INCHES
    )
    assert long > 3 * short
    assert short + long <= SIX_INCHES


def test_columns_of_equal_texts_are_equally_wide() -> None:
    assert len(set(column_widths([["one two"], ["one two"], ["one two"]], SIX_INCHES))) == 1


def test_a_word_is_kept_whole_beside_a_very_long_text() -> None:
    narrow, _ = column_widths([["maintainers"], ["word " * 500]], SIX_INCHES)
    assert narrow * 12 / 914_400 >= len("maintainers")


def test_empty_and_many_columns_have_a_width_all_the_same() -> None:
    assert column_widths([], SIX_INCHES) == []
    assert all(width > 0 for width in column_widths([[], [""], *([["x" * 40]] * 20)], SIX_INCHES))
