"""One call of each built-in tool, as its page shows it."""

from typing import Any

from support.tool_pages.sample import ADD, FOLDER, MONTHS, PEOPLE

DOCUMENT: dict[str, Any] = {
    "title": "Calculator 1.1",
    "subtitle": "What changed",
    "sections": [
        {
            "heading": "People",
            "blocks": [
                {"type": "paragraph", "text": "Two people worked on it."},
                {
                    "type": "table",
                    "columns": [{"key": "name", "title": "Name"}, {"key": "commits", "title": "Commits"}],
                    "rows": PEOPLE[:2],
                },
                {
                    "type": "evidence",
                    "statements": [{"text": "It divides.", "sources": ["calculator/add.py"]}],
                },
            ],
        }
    ],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "chart.bar": {"rows": PEOPLE, "x": "name", "y": ["commits"], "title": "Who worked", "name": "people"},
    "chart.line": {
        "rows": MONTHS,
        "x": "month",
        "y": ["commits", "lines"],
        "title": "Months",
        "name": "months",
    },
    "document.docx": {"document": DOCUMENT, "name": "calculator.docx"},
    "document.markdown": {"document": DOCUMENT, "name": "calculator.md"},
    "git.churn": {"repo": FOLDER, "glob": "*.py"},
    "git.contributors": {"repo": FOLDER, "lines": True},
    "git.files": {"repo": FOLDER, "glob": "*.py"},
    "git.log": {"repo": FOLDER, "limit": 1},
    "git.marks": {"repo": FOLDER},
    "git.show": {"repo": FOLDER, "path": "calculator/add.py", "at": "v1.0.0"},
    "git.summary": {"repo": FOLDER},
    "git.tags": {"repo": FOLDER},
    "project.dependencies": {"repo": FOLDER},
    "project.licences": {"repo": FOLDER},
    "table.filter": {"rows": PEOPLE, "column": "commits", "op": "ge", "value": 10},
    "table.from_csv": {"text": "name,commits\nAda,12\nGrace,\n", "numbers": ["commits"]},
    "table.group": {
        "rows": PEOPLE,
        "by": ["team"],
        "aggregates": [{"op": "sum", "column": "commits", "name": "commits"}],
    },
    "table.join": {"left": PEOPLE, "right": [{"team": "core", "lead": "Ada"}], "on": ["team"], "how": "left"},
    "table.select": {"rows": PEOPLE, "columns": ["name", "commits"], "names": {"commits": "changes"}},
    "table.sort": {"rows": PEOPLE, "by": ["team", "name"]},
    "table.to_csv": {"rows": PEOPLE, "columns": ["name", "commits"]},
    "table.top": {"rows": PEOPLE, "by": "commits", "n": 2},
    "text.count": {"text": ADD},
    "text.extract_json": {"text": 'Here it is:\n```json\n{"answer": 42}\n```\nAnything else?'},
    "text.find": {"text": ADD, "pattern": "return .* \\+"},
    "text.join": {"parts": ["one", "two"], "separator": ", "},
    "text.template": {
        "template": "{{repo.name}} has {{repo.commits}} commits.",
        "values": {"repo": {"name": "calculator", "commits": 3}},
    },
    "workspace.list": {},
    "workspace.read_text": {"path": "notes/summary.md"},
    "workspace.write_text": {"path": "notes/summary.md", "text": "Three commits.\n"},
}

FIRST = ("workspace.write_text",)
"""Examples that others on the pages build on."""
