"""The picture: well-formed, whole, the same each time, nothing from outside."""

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from awe.api.cli.drawing.cards import cut
from awe.api.cli.drawing.svg import svg
from awe.api.cli.plan_outline import Outline
from awe.domain.plan.model import Plan

SVG = "{http://www.w3.org/2000/svg}"


def task(name: str, deps: Sequence[str] = (), order_only: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    arguments = {dep: {"$from": dep, "path": "/items"} for dep in deps}
    requests = [{"tool": "text.write", "version": "1", "arguments": arguments}]
    return {"id": name, "deps": deps, "order_only": order_only, "tool_requests": requests, **more}


def drawn(*tasks: dict[str, Any], **plan: Any) -> str:
    return svg(Outline.of(Plan.model_validate({"name": "notes", "tasks": tasks, **plan})))


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - drawn here


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in parsed(picture).iter(f"{SVG}text")]


def titles(picture: str) -> list[str]:
    return [element.text or "" for element in parsed(picture).iter(f"{SVG}title")]


def test_every_task_and_link_is_there() -> None:
    picture = drawn(task("a"), task("b", ["a"]), task("c", ["a"], ["b"]))
    assert {"a", "b", "c", "text.write@1", "level 0", "level 2", "data", "order only"} <= set(texts(picture))
    assert {"a → b\nreads /items", "a → c\nreads /items", "b → c (order only)"} <= set(titles(picture))


def test_what_is_special_is_marked() -> None:
    picture = drawn(
        task("a"),
        task(
            "b",
            ["a"],
            for_each={"items": {"$from": "a", "path": "/all"}, "max_items": 7},
            when="inputs.go",
            on_failure="continue",
        ),
        outputs={"text": {"$from": "b"}},
    )
    assert {"each of a/all ≤ 7", "when inputs.go", "run goes on if it fails", "gives text"} <= set(
        texts(picture)
    )
    assert picture.count('<rect class="card"') == 4  # a repeated task is drawn as a stack of three


def test_a_tip_says_everything() -> None:
    criterion = {"id": "long", "source": "size(output.text) > 9"}
    picture = drawn(task("a", title="Say it", deadline_ms=50, acceptance_criteria=[criterion]))
    assert "a: Say it\ntool text.write@1\nmust meet long: size(output.text) > 9\nwithin 50 ms" in titles(
        picture
    )


def test_the_legend_names_only_what_is_drawn() -> None:
    assert not {"data", "order only"} & set(texts(drawn(task("a"))))
    assert "order only" not in texts(drawn(task("a"), task("b", ["a"])))


def test_text_of_a_plan_cannot_become_markup() -> None:
    hostile = "</text><script>alert('&')</script>"
    picture = drawn(task("a", title=hostile, when=hostile), goal=hostile)
    assert "<script" not in picture
    assert hostile in texts(picture)


def test_characters_that_xml_forbids_are_replaced() -> None:
    assert "a\ufffd[31mb" in texts(drawn(task("x", title="a\x1b[31mb")))
    assert "when '\ufffd\ufffd'" in texts(drawn(task("x", when="'\x00\ufffe'")))


def test_nothing_comes_from_outside() -> None:
    picture = drawn(task("a"), task("b", ["a"]))
    assert re.findall(r"""(?:https?:|href|url\()[^"')\s]*""", picture) == [
        "http://www.w3.org/2000/svg",
        "url(#tip",
    ]


def test_light_and_dark() -> None:
    assert "@media (prefers-color-scheme: dark)" in drawn(task("a"))


def test_equal_plans_give_equal_pictures() -> None:
    tasks = [task(f"t{number}", [f"t{number // 3}"] if number else []) for number in range(40)]
    assert drawn(*tasks) == drawn(*tasks)


def test_two_thousand_tasks() -> None:
    tasks = [
        task(
            f"t{level}_{place}",
            [f"t{level - 1}_{(place + step) % 100}" for step in (0, 1, 9)] if level else [],
        )
        for level in range(20)
        for place in range(100)
    ]
    picture = drawn(*tasks)
    assert sum(element.get("class") == "task" for element in parsed(picture).iter(f"{SVG}g")) == 2_000
    assert sum(" → " in title for title in titles(picture)) == 5_700


def test_long_words_are_cut() -> None:
    assert cut("a" * 10, 10) == "a" * 10
    assert cut("a" * 11, 10) == "a" * 9 + "…"
    assert cut("two\n lines", 20) == "two lines"
