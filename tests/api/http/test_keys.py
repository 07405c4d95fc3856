import socket
from pathlib import Path
from typing import Any

import pytest

from awe.api.http.keys import Keys, KeysUnusable
from awe.api.http.listening import CannotListen, listen
from awe.api.settings import Settings, SettingsError

KEY = "k" * 20
OTHER = "x" * 64


def keys(**settings: Any) -> Keys:
    return Keys.of(
        Settings.from_environment({f"AWE_{name.upper()}": str(value) for name, value in settings.items()})
    )


def test_who_has_a_key_is_known_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# clients\n\nconsole {KEY}\n  ci.2  {OTHER}  \n")
    known = keys(api_keys_file=file, api_key="a" * 20)
    assert [known.name_of(key) for key in (KEY, OTHER, "a" * 20)] == ["console", "ci.2", "api"]
    assert [known.name_of(key) for key in ("", KEY[:-1], KEY + "k", "console", "\udc80")] == [None] * 5
    assert known
    assert not keys()
    file.write_text(f"{KEY}\n")
    assert keys(api_keys_file=file).name_of(KEY) == "api"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# none\n",
        "console\n",
        f"console {KEY} more\n",
        f"con/sole {KEY}\n",
        f"console {'k' * 19}\n",
        f"a {KEY}é\n",
    ],
)
def test_a_file_without_a_usable_key_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(KeysUnusable, match="AWE_API_KEYS_FILE") as refused:
        keys(api_keys_file=file)
    assert "kkkk" not in str(refused.value)


def test_keys_that_are_none_are_refused_and_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match=r"AWE_API_KEYS_FILE: the file .* cannot be read: No such file"):
        keys(api_keys_file=tmp_path / "none")
    for short in ("short", "with a space in between", "é" * 30):
        with pytest.raises(KeysUnusable, match="AWE_API_KEY: ") as refused:
            keys(api_key=short)
        assert short not in str(refused.value)
    assert "short" not in repr(Settings.from_environment({"AWE_API_KEY": "short"}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"])  # noqa: S104
def test_beyond_loopback_a_key_is_needed(host: str) -> None:
    with pytest.raises(CannotListen, match="no API key") as refused:
        listen(host, 0, Keys({}))
    assert refused.value.code == "key_required"
    assert "AWE_API_KEY" in refused.value.hint


def test_with_a_key_it_listens_there() -> None:
    everywhere = listen("0.0.0.0", 0, Keys({KEY: "a"}))  # noqa: S104
    assert not everywhere.on_loopback
    everywhere.close()
    here = listen("localhost", 0, Keys({}))
    assert here.on_loopback
    assert {each.proto for each in here.sockets} == {socket.IPPROTO_TCP}  # or small answers wait for a timer
    assert len({url.rpartition(":")[2] for url in here.urls}) == 1
    port = int(here.urls[0].rpartition(":")[2])
    here.sockets[0].listen()
    with pytest.raises(CannotListen, match="cannot be listened on") as refused:
        listen("127.0.0.1", port, Keys({}))
    assert refused.value.code == "address_unusable"
    here.close()
    with pytest.raises(CannotListen, match="not known"):
        listen("no.such.host.invalid", 0, Keys({}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "console.example.org"),
        ("ALLOWED_ORIGINS", "https://a.example.org/path"),
        ("ALLOWED_ORIGINS", "https://a.example.org,null"),
        ("HTTP_PORT", "70000"),
        ("HTTP_BODY_BYTES", "1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"AWE_{name}"):
        Settings.from_environment({f"AWE_{name}": value})


def test_origins_are_listed() -> None:
    told = {"AWE_ALLOWED_ORIGINS": "https://a.example.org, http://localhost:5173"}
    assert Settings.from_environment(told).allowed_origins == (
        "https://a.example.org",
        "http://localhost:5173",
    )
