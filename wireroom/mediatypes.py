"""What a body is, as far as a fetcher must know: whether it can be a text at all. Pure.

The header is believed when it says that there is nothing to read, and not believed when it says text: the first bytes
decide then, with the signatures of the WHATWG MIME Sniffing Standard.
"""

from __future__ import annotations

SNIFFED = 16
"""First bytes that `binary_head` wants to see."""

_BINARY_KINDS = ("image/", "audio/", "video/", "font/", "model/")
_BINARY_TYPES = frozenset(
    {
        "application/epub+zip",
        "application/gzip",
        "application/java-archive",
        "application/msword",
        "application/pdf",
        "application/postscript",
        "application/rtf",
        "application/vnd.rar",
        "application/wasm",
        "application/x-7z-compressed",
        "application/x-bzip",
        "application/x-bzip2",
        "application/x-gtar",
        "application/x-gzip",
        "application/x-mpegurl",
        "application/x-msdownload",
        "application/x-rar-compressed",
        "application/x-shockwave-flash",
        "application/x-tar",
        "application/x-xz",
        "application/x-zip-compressed",
        "application/zip",
        "application/zstd",
    }
)
_BINARY_VENDORS = (
    "application/vnd.ms-",
    "application/vnd.openxmlformats-",
    "application/vnd.oasis.opendocument",
    "application/vnd.android",
    "application/vnd.apple.",
)
_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"\x7fELF", "application/x-executable"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)


def binary_type(content_type: str) -> bool:
    """Whether a media type, without parameters, is plainly nothing to read."""
    name = content_type.lower()
    return name.startswith(_BINARY_KINDS) or name in _BINARY_TYPES or name.startswith(_BINARY_VENDORS)


def binary_head(head: bytes) -> str | None:
    """The media type that the first `SNIFFED` bytes prove, when it is nothing to read; else None."""
    for signature, name in _HEADS:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "image/webp" if head[8:12] == b"WEBP" else "video/x-riff"
    return "video/mp4" if head[4:8] == b"ftyp" else None
