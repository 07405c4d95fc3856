# ruff: noqa: INP001 (the folder of a goal is no package)
"""The rules of the report: what each looks at, when it warns, and which commits and files it cites."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from facts import Evidence, FileFacts, Finding

from awe.adapters.tools.builtin.git.churn import Churn
from awe.adapters.tools.builtin.git.contributors import Contributors
from awe.adapters.tools.builtin.git.log import Log
from awe.adapters.tools.builtin.git.marks import Marks
from awe.adapters.tools.builtin.git.summary import Summary
from awe.adapters.tools.builtin.git.tags import Tags
from awe.adapters.tools.builtin.project.dependencies import Dependencies
from awe.adapters.tools.builtin.project.licences import Licences

MOST_CITED = 5
HALF = 0.5
OFTEN_REWRITTEN = 3.0
LATELY = 12
EXPECTED = {
    "a readme": ("readme",),
    "a change log": ("changelog", "changes", "history", "news"),
    "tests": ("tests", "test", "testing", "spec", "t"),
    "a security policy": ("security",),
}

Weight = Literal["fine", "note", "risk"]
Found = Iterator[tuple[Weight, str, list[Evidence]]]


class Sources(NamedTuple):
    """All that the other tasks have found out, about the same commit."""

    history: Summary
    log: Log
    contributors: Contributors
    churn: Churn
    tags: Tags
    marks: Marks
    dependencies: Dependencies
    licences: Licences
    files: list[FileFacts]

    @property
    def head(self) -> Evidence:
        return commit(self.history["head"] or "")


def commit(sha: str) -> Evidence:
    return Evidence(kind="commit", ref=sha, line=None)


def file(path: str, line: int | None = None) -> Evidence:
    return Evidence(kind="file", ref=path, line=line)


def many(count: int, one: str, more: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def day(time: str | None) -> str:
    return (time or "")[:10]


def findings(sources: Sources) -> Iterator[Finding]:
    """Every rule's finding, numbered in the order of the rules."""
    rules = (_extent, _people, _activity, _release, _hot_spots, _marks, _dependencies, _licence, _at_the_root)
    number = 0
    for rule in rules:
        for weight, statement, evidence in rule(sources):
            number += 1
            yield Finding(
                id=f"F{number:02}",
                area=rule.__name__.strip("_").replace("_", " "),
                weight=weight,
                statement=statement,
                evidence=evidence[:MOST_CITED],
            )


def _extent(sources: Sources) -> Found:
    told = sources.history
    first, head = told["first_commit"] or "", told["head"] or ""
    text = (
        f"{many(told['commits'], 'commit')} from {day(told['first_time'])} to {day(told['last_time'])}, "
        f"{told['merges']:,} of them merges; {many(told['files'], 'file')} now."
    )
    yield "fine", text, [commit(first), commit(head)]
    if told["shallow"]:
        yield "note", "The clone is shallow: earlier commits are not counted.", [commit(first)]


def _people(sources: Sources) -> Found:
    told = sources.contributors
    most = told["contributors"][0]
    share = most["commits"] / told["commits"]
    text = (
        f"{most['name']} wrote {share:.0%} of the commits; there is work of {many(told['total'], 'author')}."
    )
    yield "risk" if share > HALF else "fine", text, [commit(most["last_commit"])]


def _activity(sources: Sources) -> Found:
    months = sources.churn["months"][-LATELY:]
    text = (
        f"{many(sum(each['commits'] for each in months), 'commit')} in the last {many(len(months), 'month')} that "
        f"had any, up to {months[-1]['month']}: {many(sum(each['added'] for each in months), 'line')} added, "
        f"{many(sum(each['removed'] for each in months), 'line')} removed."
    )
    yield "fine", text, [sources.head]


def _release(sources: Sources) -> Found:
    if not sources.tags["tags"]:
        yield "note", "Nothing is tagged: no commit is marked as a release.", [sources.head]
        return
    newest = sources.tags["tags"][0]
    latest = [each["sha"] for each in sources.log["commits"]]
    text = f"The newest tag is {newest['name']} of {day(newest['time'])}"
    evidence = [commit(newest["commit"]), sources.head]
    if newest["commit"] in latest:
        count = latest.index(newest["commit"])
        yield "fine" if count == 0 else "note", f"{text}; {many(count, 'commit')} came after it.", evidence
    else:
        yield "note", f"{text}; it is not among the last {many(len(latest), 'commit')}.", evidence


def _hot_spots(sources: Sources) -> Found:
    for each in sources.files[:3]:
        often = each["changed"] > OFTEN_REWRITTEN and each["commits"] > LATELY
        text = (
            f"{each['path']} was changed by {many(each['commits'], 'commit')} of {many(each['authors'], 'author')}; "
            f"the lines they added and removed are {each['changed']:.1f} times its {many(each['lines'], 'line')}."
        )
        yield "risk" if often else "note", text, [file(each["path"]), commit(each["last_commit"])]


def _marks(sources: Sources) -> Found:
    told = sources.marks
    if not told["total"]:
        yield "fine", "No file has an open mark.", [sources.head]
        return
    counts = ", ".join(f"{each['count']:,} {each['mark']}" for each in told["by_mark"] if each["count"])
    places = [file(each["path"], each["line"]) for each in told["marks"]]
    yield "note", f"Open marks in {many(told['files'], 'file')}: {counts}.", places


def _dependencies(sources: Sources) -> Found:
    told = sources.dependencies
    broken = [each for each in told["manifests"] if each["fault"]]
    if broken:
        yield "risk", "A manifest cannot be read.", [file(each["path"]) for each in broken]
    if not told["manifests"]:
        yield "note", "No manifest declares dependencies.", [sources.head]
        return
    loose = [each for each in told["dependencies"] if each["group"] == "runtime" and not each["constraint"]]
    if loose:
        text = f"{many(len(loose), 'dependency', 'dependencies')} needed at run time may have any version."
        yield "risk", text, [file(path) for path in dict.fromkeys(each["source"] for each in loose)]
    text = f"{many(told['total'], 'dependency', 'dependencies')} declared in {many(len(told['manifests']), 'manifest')}."
    yield "fine", text, [file(each["path"]) for each in told["manifests"]]


def _licence(sources: Sources) -> Found:
    told = sources.licences["licences"]
    known = [each for each in told if each["licence"]]
    if not known:
        where = [file(each["source"]) for each in told] or [sources.head]
        yield "risk", "No licence can be recognised.", where
        return
    texts = sorted({each["licence"] or "" for each in known if each["kind"] == "text"})
    declared = sorted({each["licence"] or "" for each in known if each["kind"] == "declared"})
    families = [each.partition("-")[0].lower() for each in texts]
    agree = not texts or not declared or any(each in " ".join(declared).lower() for each in families)
    text = f"Licences: {', '.join(texts or declared)}"
    text += "." if agree else f", but the manifests declare {', '.join(declared)}."
    yield "fine" if agree else "risk", text, [file(each["source"]) for each in known]


def _at_the_root(sources: Sources) -> Found:
    root = sources.history["root"]
    lacking: list[str] = []
    for what, names in EXPECTED.items():
        found = next((each for each in root if each["name"].lower().partition(".")[0] in names), None)
        if found is None:
            lacking.append(what)
        elif found["kind"] == "file":
            yield "fine", f"There is {what}.", [file(found["name"])]
        else:
            yield "fine", f"There is a folder for {what}: {found['name']}.", [sources.head]
    if lacking:
        yield "note", f"Not at the root: {', '.join(lacking)}.", [sources.head]
