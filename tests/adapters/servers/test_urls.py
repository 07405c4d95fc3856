import pytest

from awe.adapters.servers.urls import redacted


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("redis://u:pw@h:6379/0", "redis://u:***@h:6379/0"),
        ("rediss://:pw@h", "rediss://:***@h"),
        ("redis://u@h", "redis://u@h"),
        ("unix:///run/a%20b/redis.sock?password=pw&db=1", "unix:///run/a%20b/redis.sock?password=***&db=1"),
        ("postgresql://u:p%40w@h1,h2/db?sslpassword=pw", "postgresql://u:***@h1,h2/db?sslpassword=***"),
        ("postgresql://awe@/awe?host=/run/awe&port=1", "postgresql://awe@/awe?host=/run/awe&port=1"),
        ("redis://u:p/w@h", "redis://***"),
        ("redis://u:p#w@h", "redis://***"),
        ("redis://u:p?w@h", "redis://***"),
        ("redis://[pw", "redis://***"),
        ("host=h password=pw", "***"),
    ],
)
def test_a_url_is_shown_without_its_passwords(url: str, shown: str) -> None:
    assert redacted(url) == shown
