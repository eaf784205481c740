"""Settings: each is read, checked, explained and documented; secrets stay secret."""

import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.config import READERS, Settings, read_settings
from dog.errors import InvalidSettings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"DOG_BIND": "", "PATH": "/bin", "dog_bind": "no setting of ours"}) == Settings()


def test_there_are_two_workers_where_there_are_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 1), (2, 2), (64, 2)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, cores=cores: range(cores))
        assert read_settings({}).workers == workers


def test_every_setting_is_read() -> None:
    settings = read_settings(
        {
            "DOG_REDIS_URL": "redis+sentinel://a:26379,b:26379/main",
            "DOG_DATA_DIR": "/data",
            "DOG_BIND": "[::1]:9000",
            "DOG_WORKERS": "4",
            "DOG_MAX_MEMORY": "4GB",
            "DOG_POLICY_DIR": "/",
            "DOG_SYNC_MAP": "maps/{tenant}.toml",
            "DOG_AUTH": "off",
            "DOG_OIDC_ISSUER": "https://id.example/realms/sales/",
            "DOG_OIDC_CLIENT_ID": "dog",
            "DOG_OIDC_CLIENT_SECRET": "hunter2",
            "DOG_OIDC_TENANT": "shop",
            "DOG_OIDC_CLAIM": "realm_access.roles",
            "DOG_OIDC_ROLES": "Sales=rep",
            "DOG_TRUSTED_PROXIES": "10.0.0.5, fd00::/8",
            "DOG_TIMEZONE": "Europe/Paris",
            "DOG_DURABILITY": "ha",
            "DOG_ARCHIVE_AFTER_WEEKS": "10",
            "DOG_DASK": "tls://[::1]:8786",
            "DOG_LOG_LEVEL": "WARNING",
            "DOG_LOG_FORMAT": "console",
        }
    )

    assert settings == Settings(
        redis_url="redis+sentinel://a:26379,b:26379/main",
        data_dir=Path("/data"),
        bind="[::1]:9000",
        workers=4,
        max_memory=4 << 30,
        policy_dir=Path("/"),
        sync_map="maps/{tenant}.toml",
        auth="off",
        oidc_issuer="https://id.example/realms/sales",
        oidc_client_id="dog",
        oidc_client_secret="hunter2",
        oidc_tenant="shop",
        oidc_claim="realm_access.roles",
        oidc_roles="Sales=rep",
        trusted_proxies=(ip_network("10.0.0.5"), ip_network("fd00::/8")),
        timezone="Europe/Paris",
        durability="ha",
        archive_after_weeks=10,
        dask="tls://[::1]:8786",
        log_level="warning",
        log_format="console",
    )
    assert (settings.host, settings.port, settings.zone.key) == ("::1", 9000, "Europe/Paris")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DOG_REDIS_URL", "http://localhost", "must begin with one of unix://, redis://"),
        ("DOG_BIND", "8000", "must be HOST:PORT"),
        ("DOG_TRUSTED_PROXIES", "proxy.example", "must name addresses or networks"),
        ("DOG_TRUSTED_PROXIES", "10.0.0.5/8", "must name addresses or networks"),
        ("DOG_BIND", ":8000", "must be HOST:PORT"),
        ("DOG_BIND", "localhost:0", "must be HOST:PORT"),
        ("DOG_BIND", "localhost:65536", "must be HOST:PORT"),
        ("DOG_BIND", "localhost:²", "must be HOST:PORT"),
        ("DOG_WORKERS", "0", "must be a whole number from 1 to 256"),
        ("DOG_WORKERS", "1_0", "must be a whole number"),
        ("DOG_WORKERS", "١", "must be a whole number"),
        ("DOG_POLICY_DIR", "/no/such/folder", "must be a folder that exists"),
        ("DOG_POLICY_DIR", __file__, "must be a folder that exists"),
        ("DOG_SYNC_MAP", "/no/such/file", "must be a file that exists, or a path with {tenant}"),
        ("DOG_MAX_MEMORY", "4", "must be a number of megabytes or gigabytes"),
        ("DOG_MAX_MEMORY", "15mb", "from 16mb on"),
        ("DOG_MAX_MEMORY", "9" * 12 + "gb", "for example 512mb or 4gb"),
        ("DOG_AUTH", "none", "must be one of required, off"),
        ("DOG_OIDC_ISSUER", "http://id.example", "must be the https:// address of the issuer"),
        ("DOG_OIDC_ROLES", "Sales=boss", "the roles are rep, analyst, admin"),
        ("DOG_OIDC_ROLES", "Sales", "must be VALUE=ROLE"),
        ("DOG_TIMEZONE", "Europe/Pari", "did you mean Europe/Paris?"),
        ("DOG_DURABILITY", "safe", "must be one of strict, standard, ha, volatile"),
        ("DOG_ARCHIVE_AFTER_WEEKS", "1", "must be a whole number from 2"),
        ("DOG_DASK", "http://scheduler:8786", "must be tcp://HOST:PORT or tls://HOST:PORT"),
        ("DOG_DASK", "tcp://scheduler", "for example tcp://scheduler:8786"),
        ("DOG_LOG_LEVEL", "verbose", "must be one of debug, info, warning, error"),
        ("DOG_LOG_FORMAT", "xml", "must be one of json, console"),
    ],
)
def test_a_bad_value_is_named_in_one_line_with_the_way_to_mend_it(variable: str, value: str, says: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({variable: value})

    assert raised.value.message.startswith(f"{variable} is {value!r} but ")
    assert says in raised.value.message
    assert "\n" not in raised.value.message
    assert raised.value.faults[0].pointer == f"/{variable}"


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("DOG_WORKER", "did you mean DOG_WORKERS?"),
        ("DOG_REDIS", "did you mean DOG_REDIS_URL?"),
        ("DOG_bind", "did you mean DOG_BIND?"),
        ("DOG_TEST_XYZZY", "see docs/reference/settings.md"),
        ("DOG_", "see docs/reference/settings.md"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(variable: str, hint: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        read_settings({variable: "1"})

    assert raised.value.message == f"{variable} is an unknown setting; {hint}"


def test_an_issuer_needs_a_client_id() -> None:
    with pytest.raises(InvalidSettings, match="DOG_OIDC_ISSUER needs DOG_OIDC_CLIENT_ID"):
        read_settings({"DOG_OIDC_ISSUER": "https://id.example"})


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000", "example.org:8000"])
def test_auth_off_is_refused_where_others_could_reach_it(bind: str) -> None:
    with pytest.raises(InvalidSettings, match=r"DOG_AUTH .* only with a loopback DOG_BIND"):
        read_settings({"DOG_AUTH": "off", "DOG_BIND": bind})


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "127.8.8.8:8000", "localhost:8000", "[::1]:8000"])
def test_auth_off_is_taken_on_a_loopback_address(bind: str) -> None:
    assert read_settings({"DOG_AUTH": "off", "DOG_BIND": bind}).auth == "off"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@localhost/0",
        "rediss://user:hunter2%40@localhost",
        "redis://user:hunter2/x@localhost",
        "redis+cluster://user:hunter2@a:1,b:2?ssl=true",
        "redis+sentinel://a:1/main?sentinel_password=hunter2",
        "unix:///run/redis.sock?db=1&password=hunter2",
    ],
)
def test_passwords_are_shown_nowhere(url: str) -> None:
    settings = read_settings({"DOG_REDIS_URL": url})
    with pytest.raises(InvalidSettings) as raised:
        read_settings({"DOG_REDIS_URL": url.replace("redis", "radis").replace("unix", "unics")})

    assert settings.redis_url == url
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.shown())
    assert "***" in settings.shown()["redis_url"]
    assert "hunter2" not in raised.value.message


@given(st.sampled_from(sorted(READERS)), st.text())
def test_any_text_is_taken_or_refused_and_never_a_crash(name: str, text: str) -> None:
    variable = f"DOG_{name.upper()}"
    says = variable
    try:
        read_settings({variable: text})
    except InvalidSettings as error:
        says = error.message

    assert says.startswith(variable)


def test_the_reference_lists_every_setting_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `(DOG_\w+)` \| (\S+) \|", REFERENCE.read_text("utf-8"), re.MULTILINE))
    defaults = {f"DOG_{field.name.upper()}": getattr(Settings(), field.name) for field in fields(Settings)}
    defaults["DOG_WORKERS"] = 2  # 1 on a machine with one core
    expected = {name: "unset" if default in (None, ()) else f"`{default}`" for name, default in defaults.items()}

    assert documented == expected
    assert set(READERS) == {field.name for field in fields(Settings)}
