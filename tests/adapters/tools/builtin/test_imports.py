import subprocess
import sys

from awe.adapters.tools.builtin import MODULES

HEAVY = ("docx", "dulwich", "matplotlib", "numpy")


def test_a_catalogue_of_all_tools_loads_nothing_heavy() -> None:
    code = (
        "import sys; from awe.adapters.tools.registry import Registry\n"
        f"print(len(Registry.load({MODULES!r}).tools))\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, heavy = done.stdout.splitlines()
    assert int(count) == 30
    assert heavy == ""
