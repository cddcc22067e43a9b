from engine.preprocess.text import words
from engine.teachers.views import text_views


def test_views_when_made_then_the_first_is_the_text_and_the_others_are_parts_of_it_in_order() -> None:
    text = "My card was charged twice, why did this happen to me?"
    (views,) = text_views([text], 9, seed=1)
    assert views[0] == text
    assert len(views) == 9
    whole = [word for word, _, _ in words(text)]
    for view in views:
        found = [word for word, _, _ in words(view)]
        rest = iter(whole)
        assert found
        assert all(word in rest for word in found)
    assert len(set(views)) > 3


def test_views_when_made_again_then_are_the_same_and_do_not_depend_on_other_texts() -> None:
    alone = text_views(["one two three four"], 5, seed=1)[0]
    beside = text_views(["something else", "one two three four"], 5, seed=1)[1]
    assert alone == beside
    assert alone != text_views(["one two three four"], 5, seed=2)[0]


def test_views_when_the_text_is_chinese_then_characters_are_left_out_and_none_is_added() -> None:
    (views,) = text_views(["患者咳嗽三天，有痰，发热。"], 9, seed=1)
    assert all(set(view) <= set(views[0]) | {" "} for view in views)
    assert any(len(view) < len(views[0]) for view in views)


def test_views_when_there_is_one_word_then_it_stays() -> None:
    assert set(text_views(["hello"], 6, seed=1)[0]) == {"hello"}
