"""Settings: where they come from, which one wins, and what is said when one is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from wireroom.adapters.configuration import load
from wireroom.errors import SettingsError
from wireroom.settings import Settings

ROOT = Path(__file__).parent.parent


def toml(folder: Path, text: str) -> Path:
    path = folder / "wireroom.toml"
    path.write_text(text)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A settings file without settings, so that the working folder's own does not count."""
    path = tmp_path / "empty.toml"
    path.write_text("")
    return path


def test_defaults_are_in_force_when_nothing_is_said(empty: Path):
    loaded = load(empty, {"PATH": "/bin"})
    assert loaded.settings == Settings()
    assert set(loaded.origins) == set(Settings.model_fields)
    assert set(loaded.origins.values()) == {"default"}


def test_the_environment_goes_over_the_file_and_the_file_over_the_default(tmp_path: Path):
    path = toml(tmp_path, "fetch_delay = 3.5\nfetch_tries = 4\n")
    loaded = load(path, {"WIREROOM_FETCH_TRIES": "5"})
    assert (loaded.settings.fetch_delay, loaded.settings.fetch_tries, loaded.settings.port) == (3.5, 5, 8600)
    assert loaded.origins["fetch_delay"] == f"file {path}"
    assert loaded.origins["fetch_tries"] == "environment WIREROOM_FETCH_TRIES"
    assert loaded.origins["port"] == "default"


def test_sections_and_flat_keys_mean_the_same(tmp_path: Path):
    path = toml(
        tmp_path, 'port = 1234\n[fetch]\ndelay = 2\nallow_private = "10.0.0.0/8"\n[log]\nlevel = "debug"\n'
    )
    settings = load(path, {}).settings
    assert (settings.port, settings.fetch_delay, settings.fetch_allow_private, settings.log_level) == (
        1234,
        2.0,
        "10.0.0.0/8",
        "debug",
    )


def test_the_working_folders_file_is_read_when_it_is_there(tmp_path: Path):
    code = (
        "import os; from wireroom.adapters.configuration import load; l = load(None, os.environ); "
        "print(l.settings.port, l.origins['port'])"
    )

    def printed(**more: str) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environ | more,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    assert printed() == "8600 default"
    (tmp_path / "config").mkdir()
    toml(tmp_path / "config", "port = 1\n")
    assert printed() == "1 file config/wireroom.toml"
    toml(tmp_path, "port = 2\n")
    assert printed(WIREROOM_CONFIG="wireroom.toml") == "2 file wireroom.toml"


def test_lists_are_written_with_commas(empty: Path):
    given = {
        "ENRICH": "dates, entities",
        "FETCH_PORTS": "80,8080",
        "ROBOTS_META": "noarchive",
        "FETCH_TLS_EXCEPTIONS": "",
    }
    settings = load(empty, {f"WIREROOM_{name}": value for name, value in given.items()}).settings
    assert (settings.robots_meta, settings.fetch_tls_exceptions) == (("noarchive",), ())
    assert settings.enrich == ("dates", "entities")
    assert settings.fetch_ports == (80, 8080)
    assert load(empty, {"WIREROOM_ENRICH": ""}).settings.enrich == ()


@pytest.mark.parametrize("name", ["redis_password", "api_token", "redis_url"])
def test_a_secret_may_stand_in_a_file(empty: Path, tmp_path: Path, name: str):
    (tmp_path / "secret").write_text("redis://:hidden@h/0\n")
    key = f"WIREROOM_{name.upper()}_FILE"
    loaded = load(empty, {key: str(tmp_path / "secret")})
    value = getattr(loaded.settings, name)
    assert (value if name == "redis_url" else value.get_secret_value()) == "redis://:hidden@h/0"
    assert loaded.origins[name] == f"environment {key}"


def test_a_secret_given_both_ways_is_an_error(empty: Path, tmp_path: Path):
    (tmp_path / "secret").write_text("hidden")
    environ = {"WIREROOM_API_TOKEN": "hidden", "WIREROOM_API_TOKEN_FILE": str(tmp_path / "secret")}
    with pytest.raises(SettingsError, match="given twice") as caught:
        load(empty, environ)
    assert "hidden" not in str(caught.value)


def test_an_empty_secret_is_none_but_an_empty_secret_file_is_an_error(empty: Path, tmp_path: Path):
    environ = {"WIREROOM_API_TOKEN": "", "WIREROOM_REDIS_PASSWORD_FILE": "", "WIREROOM_REDIS_URL": ""}
    loaded = load(empty, environ)
    assert loaded.settings.api_token is None
    assert loaded.origins["redis_url"] == "default"
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(SettingsError, match="empty"):
        load(empty, {"WIREROOM_API_TOKEN_FILE": str(tmp_path / "secret")})


def test_a_missing_secret_file_is_an_error_that_names_the_variable(empty: Path):
    with pytest.raises(SettingsError, match="No such file") as caught:
        load(empty, {"WIREROOM_API_TOKEN_FILE": "/no/such/file"})
    assert caught.value.key == "WIREROOM_API_TOKEN_FILE"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WIREROOM_FETCH_DELY", "WIREROOM_FETCH_DELAY"),
        ("WIREROOM_REDIS_URL_FIL", "WIREROOM_REDIS_URL_FILE"),
        ("WIREROOM_DATE", "WIREROOM_DATA"),
    ],
)
def test_an_unknown_name_in_the_environment_is_an_error_with_the_closest_known(
    empty: Path, name: str, meant: str
):
    with pytest.raises(SettingsError, match=rf"did you mean {meant}\?") as caught:
        load(empty, {name: "1"})
    assert caught.value.key == name


def test_reserved_names_are_no_settings(empty: Path):
    assert load(empty, {"WIREROOM_DATA": "/data", "WIREROOM_CONFIG": "/nowhere"}).settings == Settings()


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("fetch_dely = 2", "fetch_dely", "did you mean fetch_delay?"),
        ("[fetch]\ndely = 2", "fetch.dely", "did you mean fetch_delay?"),
        ("[fetch]\ndelay = 2\n[fetch.delay2]\na = 1", "fetch.delay2", "no such setting"),
        ("fetch_delay = 2\n[fetch]\ndelay = 2", "fetch.delay", "given twice"),
        ("[fetch]\ndelay = -1", "fetch.delay", "greater than or equal to 0"),
        ("fetch_delay = nan", "fetch_delay", "finite"),
        ("fetch_tries = true", "fetch_tries", "true and false mean nothing"),
        ("extraction = 'quick'", "extraction", "'best' or 'fast'"),
        ("fetch_allow_private = '10.0.0.1/8'", "fetch_allow_private", "host bits"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_as_it_stands_there(
    tmp_path: Path, text: str, key: str, words: str
):
    path = toml(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    assert caught.value.key == key
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("WIREROOM_FETCH_DELAY", "soon", "valid number"),
        ("WIREROOM_FETCH_DELAY", "", "valid number"),
        ("WIREROOM_PORT", "65536", "less than or equal to 65535"),
        ("WIREROOM_ENRICH", "dates,names", "'dates', 'sameness' or 'entities'"),
        ("WIREROOM_FETCH_PORTS", "80,http", "valid integer"),
        ("WIREROOM_NAMESPACE", "two words", "must not hold blanks"),
        ("WIREROOM_FETCH_ALLOW_PRIVATE", "nowhere", "nowhere"),
        ("WIREROOM_FETCH_TLS_EXCEPTIONS", "a.example=any,b.example", "must be like paper.example=expired"),
        ("WIREROOM_FETCH_TLS_EXCEPTIONS", "a.example:444=any", "without a port"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_with_what_is_allowed(
    empty: Path, key: str, value: str, words: str
):
    with pytest.raises(SettingsError) as caught:
        load(empty, {key: value})
    assert caught.value.key == key
    assert words in str(caught.value)
    sentence = Settings.model_fields[key.removeprefix("WIREROOM_").lower()].description
    assert sentence is not None
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://:hidden@h", "redis://:hidden@h:port", "redis://:hid/den@h", "redis://:hidden@h/zero", "hidden"],
)
def test_a_wrong_redis_url_is_an_error_that_does_not_show_it(empty: Path, url: str):
    with pytest.raises(SettingsError, match="redis://:password@host:6379/0") as caught:
        load(empty, {"WIREROOM_REDIS_URL": url})
    assert "hid" not in str(caught.value)


@pytest.mark.parametrize("text", ["port = ", "\xff\xfe"])
def test_a_file_that_is_not_toml_is_an_error_that_names_it(tmp_path: Path, text: str):
    path = tmp_path / "wireroom.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match="is not TOML") as caught:
        load(path, {})
    assert caught.value.key == str(path)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(SettingsError, match="cannot be read"):
        load(None, {"WIREROOM_CONFIG": str(tmp_path / "none.toml")})


def test_secrets_are_never_shown(empty: Path):
    environ = {
        "WIREROOM_API_TOKEN": "hidden",
        "WIREROOM_REDIS_PASSWORD": "hidden",
        "WIREROOM_REDIS_URL": "redis://user:hidden@h:6379/0?password=hidden&x=1",
    }
    loaded = load(empty, environ)
    shown = loaded.shown()
    assert "hidden" not in orjson.dumps(shown).decode() + repr(loaded.settings.api_token)
    assert shown["redis_url"] == "redis://user:********@h:6379/0?password=********&x=1"
    assert shown["api_token"] == "********"
    assert shown["enrich"] == ["dates", "sameness", "entities"]
    assert set(shown) == set(Settings.model_fields)
    assert load(empty, {}).shown()["api_token"] is None
    assert load(empty, {}).shown()["redis_url"] == "redis://127.0.0.1:6379/0"
    assert (
        load(empty, {"WIREROOM_REDIS_URL": "unix:///run/r.sock"}).shown()["redis_url"] == "unix:///run/r.sock"
    )


def test_the_file_we_ship_names_every_setting_with_its_default_and_sentence(tmp_path: Path):
    text = (ROOT / "config" / "wireroom.toml").read_text()
    entries = re.findall(r"^# (.+)\n#(\w+) = .+$", text, re.MULTILINE)
    assert entries == [(field.description, name) for name, field in Settings.model_fields.items()]
    spoken_out = re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE)
    loaded = load(toml(tmp_path, spoken_out), {})
    assert loaded.settings == Settings()
    assert "default" not in loaded.origins.values()


def test_the_file_we_ship_changes_nothing():
    assert load(ROOT / "config" / "wireroom.toml", {}).settings == Settings()


@pytest.mark.parametrize("key", ["WIREROOM_FETCH_CONTACT", "WIREROOM_FETCH_USER_AGENT"])
@pytest.mark.parametrize("value", ["Bücher", "a\nb", "a\x7f"])
def test_what_cannot_stand_in_a_header_is_refused_by_its_name(empty: Path, key: str, value: str):
    with pytest.raises(SettingsError, match=f"{key}: .*printable ASCII"):
        load(empty, {key: value})


def test_sources_stand_in_a_section_with_their_options(tmp_path: Path):
    path = toml(
        tmp_path,
        """[sources]
        feeds = ["https://news.example/rss.xml", "https://b.example/atom interval=5m name=desk priority=-2",
                 {url = "https://c.example/feed#x", name = "The late desk", interval = 90}]
        sitemaps = "https://news.example/news.xml"
        interval = "1h"
        """,
    )
    loaded = load(path, {})
    feeds, sitemaps = loaded.settings.sources_feeds, loaded.settings.sources_sitemaps
    assert [(one.url, one.name, one.interval, one.priority) for one in feeds] == [
        ("https://news.example/rss.xml", "news.example/rss.xml", None, 0),
        ("https://b.example/atom", "desk", 300.0, -2),
        ("https://c.example/feed", "The late desk", 90.0, 0),
    ]
    assert [one.url for one in sitemaps] == ["https://news.example/news.xml"]
    assert loaded.settings.sources_interval == 3600
    assert loaded.shown()["sources_feeds"][:2] == [
        "https://news.example/rss.xml",
        "https://b.example/atom name=desk interval=300 priority=-2",
    ]


def test_sources_from_the_environment_are_parted_by_commas_or_blanks(empty: Path):
    line = " https://a.example/f,1?x=a,b interval=2m,https://b.example/\nhttps://c.example/ name=c, "
    environ = {"WIREROOM_SOURCES_FEEDS": line, "WIREROOM_SOURCES_SITEMAPS": ""}
    settings = load(empty, environ).settings
    assert [str(one) for one in settings.sources_feeds] == [
        "https://a.example/f,1?x=a,b interval=120",
        "https://b.example/",
        "https://c.example/ name=c",
    ]
    assert settings.sources_sitemaps == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("news.example/rss.xml", "begin with http"),
        (
            "https://a.example/ https://user:word@b.example/",
            "'https://user:word@b.example/': holds a user name",
        ),
        ("https://a.example/ interval=5", "60 seconds at least"),
        ("https://a.example/ interval=soon", "is no age"),
        ("https://a.example/ every=5m", "no option of a source; there are interval, name, priority"),
        ("https://a.example/ 5m", "write interval=5m"),
        ("https://a.example/ priority=1000", "from -100 to 100"),
        ("https://a.example/?utm_source=x https://a.example/#y", "named twice"),
        ("https://a.example/ name=x https://b.example/ name=x", "two sources are called 'x'"),
    ],
)
def test_what_is_wrong_with_a_source_is_named(empty: Path, line: str, words: str):
    with pytest.raises(SettingsError, match="WIREROOM_SOURCES_FEEDS: ") as caught:
        load(empty, {"WIREROOM_SOURCES_FEEDS": line})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[sources]\nfeeds = [5]", "sources.feeds"),
        ("[sources]\nfeeds = [{name = 'x'}]", "sources.feeds"),
        ("[sources]\nfeeds = [{url = 'https://a.example/', pirority = 1}]", "sources.feeds"),
        ("[sources]\nfeeds = 'https://a.example/'\nsitemaps = ['https://a.example/']", "sources.sitemaps"),
        ("[sources]\ninterval = 5", "sources.interval"),
        ("sources_interval = 'now'", "sources_interval"),
        ("[[sources.feed]]\nurl = 'https://a.example/'", "sources.feed"),
    ],
)
def test_what_is_wrong_in_the_section_of_sources_is_named(tmp_path: Path, text: str, key: str):
    with pytest.raises(SettingsError) as caught:
        load(toml(tmp_path, text), {})
    assert caught.value.key == key
