"""URLs of servers carry passwords; only a redacted one may be shown, logged or put into a message."""

from urllib.parse import parse_qsl, urlencode, urlsplit

HIDDEN = "***"
SECRET_PARAMETERS = frozenset({"password", "passfile", "sslpassword", "sslkey", "ssl_password"})


def redacted(url: str) -> str:
    """The URL without its passwords, wherever in it they stand; where that cannot be told, without all but its scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return HIDDEN
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{scheme}://{HIDDEN}"
    credentials, at, place = parts.netloc.rpartition("@")
    if "@" in rest.removeprefix(parts.netloc):  # an unquoted password has broken the URL apart
        return f"{scheme}://{HIDDEN}"
    user, colon, _ = credentials.partition(":")
    shown_credentials = f"{user}{colon and ':' + HIDDEN}{at}"
    query = [
        (key, HIDDEN if key.lower() in SECRET_PARAMETERS else value) for key, value in parse_qsl(parts.query)
    ]
    shown_query = f"?{urlencode(query, safe='/*:')}" if query else ""
    return f"{scheme}://{shown_credentials}{place}{parts.path}{shown_query}"
