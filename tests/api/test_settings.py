from pathlib import Path

import pytest
from pydantic import ValidationError

from awe.api.settings import Settings, SettingsError

REDIS = "rediss://user:s3cret@example.org:6380/0"
POSTGRES = "postgresql://user@example.org/awe?password=s3cret&sslmode=require"


def test_nothing_set_means_embedded_durable_and_one_partition() -> None:
    settings = Settings.from_environment({"PATH": "/bin", "AWE_HOME": ""})
    assert (settings.home, settings.redis_url, settings.postgres_url) == (None, None, None)
    assert settings.durability == "always"
    assert settings.partition_count == 1


def test_every_setting_is_read() -> None:
    settings = Settings.from_environment(
        {
            "AWE_HOME": "/srv/awe",
            "AWE_REDIS_URL": REDIS,
            "AWE_POSTGRES_URL": POSTGRES,
            "AWE_PARTITIONS": "32",
            "AWE_DURABILITY": "archived",
            "AWE_CLOCK_SKEW_MS": "250",
            "AWE_EMBEDDED_LINGER_S": "0.5",
            "AWE_TOOLS": "our.tools, /srv/tools.py",
            "AWE_WEAK_INTENTS": "pay.out",
            "AWE_PLAYBOOKS": "/srv/a,/srv/b",
            "AWE_ARTIFACTS": "/srv/files",
            "AWE_SLOTS": "4",
            "AWE_LEASE_S": "5",
            "AWE_OTEL": "on",
        }
    )
    assert settings.home == Path("/srv/awe")
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == REDIS
    assert settings.postgres_url is not None
    assert settings.postgres_url.get_secret_value() == POSTGRES
    assert (settings.partition_count, settings.durability, settings.clock_skew_ms) == (32, "archived", 250)
    assert settings.embedded_linger_s == 0.5
    assert settings.tools == ("our.tools", "/srv/tools.py")
    assert settings.weak_intents == ("pay.out",)
    assert settings.playbooks == (Path("/srv/a"), Path("/srv/b"))
    assert settings.artifacts == Path("/srv/files")
    assert (settings.slots, settings.lease_s, settings.otel, settings.embedded) == (4, 5.0, "on", False)


def test_i19_partitions_are_one_embedded_and_sixteen_in_production() -> None:
    assert Settings().partition_count == 1
    assert Settings.from_environment({"AWE_REDIS_URL": REDIS}).partition_count == 16


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().durability = "everysec"


def test_no_way_of_printing_shows_a_password() -> None:
    settings = Settings.from_environment({"AWE_REDIS_URL": REDIS, "AWE_POSTGRES_URL": POSTGRES})
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "s3cret" not in shown
        assert "example.org" in shown, "but one may see which server is meant"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AWE_REDIS_URL", "http://u:s3cret@h", "AWE_REDIS_URL: .*redis:// or rediss:// or unix://"),
        ("AWE_POSTGRES_URL", "s3cret", "AWE_POSTGRES_URL: .*postgresql:// or postgres://"),
        ("AWE_REDIS_URL", "redis://[s3cret", "AWE_REDIS_URL: "),
        ("AWE_PARTITIONS", "0", "AWE_PARTITIONS: .*greater than or equal to 1"),
        ("AWE_PARTITIONS", "100", "AWE_PARTITIONS: .*less than or equal to 99"),
        ("AWE_DURABILITY", "sometimes", "AWE_DURABILITY: .*'always', 'everysec' or 'archived'"),
        ("AWE_CLOCK_SKEW_MS", "-1", "AWE_CLOCK_SKEW_MS: "),
        ("AWE_EMBEDDED_LINGER_S", "inf", "AWE_EMBEDDED_LINGER_S: "),
        ("AWE_SLOTS", "0", "AWE_SLOTS: .*greater than or equal to 1"),
        ("AWE_LEASE_S", "4.9", "AWE_LEASE_S: .*greater than or equal to 5"),
        ("AWE_OTEL", "otlp", "AWE_OTEL: .*'off' or 'on'"),
        ("AWE_REDIS_URI", "redis://h", "AWE_REDIS_URI: .*did you mean AWE_REDIS_URL?"),
        ("AWE_ZZZ", "1", "AWE_ZZZ: .*known are AWE_HOME, "),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_expected(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        Settings.from_environment({variable: value})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(
            {"AWE_PARTITIONS": "x", "AWE_DURABILTY": "always", "AWE_CLOCK_SKEW_MS": "y"}
        )
    assert len(str(caught.value).splitlines()) == 3
