"""Document files on the disk, on their way in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wireroom.errors import Reason, UsageError
from wireroom.intake import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def found(paths: Sequence[Path]) -> list[Path]:
    """The files that paths mean: each file itself, each folder's files, sorted, without hidden ones.

    Raises:
        UsageError: a path is not there, a folder cannot be read, or there is no file at all.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _of_folder(path)
        elif path.exists():
            files.append(path)
        else:
            msg = f"{path}: there is no such file or folder"
            raise UsageError(msg)
    if not files:
        msg = f"no document files in {', '.join(str(path) for path in paths)}"
        raise UsageError(msg)
    return files


def _of_folder(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        msg = f"{error.filename}: the folder cannot be read: {error.strerror}"
        raise UsageError(msg)

    files: list[Path] = []
    for top, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(top) / name for name in sorted(names) if not name.startswith(".")]
    return files


def read(
    files: Sequence[Path], limit: int | None, rejections: list[Rejection]
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file; what cannot be read is added to the rejections, and the rest goes on.

    A file over the limit is read no further than one byte beyond it: enough to be refused by its size. Without a limit
    each is read whole. Pipes and the like are not opened: nobody may ever write into them.
    """
    size = -1 if limit is None else limit + 1
    for file in files:
        if not file.is_file():
            rejections.append(Rejection(file.name, Reason.UNREADABLE, f"{file} is no regular file"))
            continue
        try:
            with file.open("rb") as stream:
                yield file.name, stream.read(size)
        except OSError as error:
            rejections.append(Rejection(file.name, Reason.UNREADABLE, f"{file}: {error.strerror or error}"))


def read_line(path: str) -> str:
    """The first line of a file, such as a token's.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return Path(path).read_text("utf-8").split("\n", 1)[0].strip()
    except OSError as error:
        msg = f"{path}: the file cannot be read: {error.strerror}"
        raise UsageError(msg) from None
