"""Files that outlive a kill, a power cut and a full disk: what is there is there whole.

Text is kept as UTF-8. Half of a surrogate pair, which JSON can say and UTF-8 cannot, is kept as U+FFFD: so no text
fails to be written, and whatever is read back can be sent to a browser, which refuses such halves too.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".tmp"  # how the names of what is being written end; they begin with a dot
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# safetensors raises an error of its own, in which only the text tells what the system said.
RUST_ERROR = re.compile(r"\(os error (\d+)\)")
# Where a folder cannot be synced, the file system keeps the order of its own accord.
NOT_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def writable(text: str) -> str:
    """`text` as UTF-8 can hold it; two halves that belong together become their character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace `path` in one move: a reader sees the old text or the new one, never a part, also after a power cut."""
    with _replacing(path) as temporary:
        with temporary.open("wb") as stream:
            stream.write(writable(content).encode() if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())


def copy_atomically(source: Path, path: Path) -> None:
    """A copy of `source` that appears as `path` once it is whole."""
    with _replacing(path) as temporary:
        shutil.copyfile(source, temporary)
        sync_file(temporary)


def append_line(path: Path, text: str) -> None:
    """Add one line; what a full disk took of one is taken back. `sync_file` puts it on the disk itself."""
    data = writable(text + "\n").encode()
    with path.open("ab", buffering=0) as stream:
        before = stream.tell()
        try:
            while data:
                data = data[stream.write(data) :]
        except OSError:
            stream.truncate(before)
            raise


def sync_file(path: Path) -> None:
    """Return once the file's content is on the disk itself."""
    with path.open("rb+") as stream:  # Windows syncs only what may be written
        os.fsync(stream.fileno())


def sync_folder(path: Path) -> None:
    """Return once the names in a folder are on the disk itself; does nothing where the system has no such request."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that the block fills, and that appears as `path` afterwards; of one that fails nothing is left."""
    place = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY))
    try:
        yield place
        for file in place.iterdir():
            sync_file(file)
        sync_folder(place)
        place.chmod(0o755)
        place = place.rename(path)
        sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def set_aside(folder: Path) -> Path:
    """Where a folder waits while another takes its place."""
    return folder.with_name(f".{folder.name}-old")


def sweep_temporaries(folder: Path) -> None:
    """Remove what a process that was killed had begun to write in `folder`; nobody else may be writing there."""
    for path in folder.glob(f".*{TEMPORARY}"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def is_disk_full(error: BaseException) -> bool:
    """Whether a full disk, a used up quota or a limit on file size is behind `error`, however it was wrapped."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        if isinstance(following, OSError) and following.errno in FULL:
            return True
        if any(int(number) in FULL for number in RUST_ERROR.findall(str(following))):
            return True
        seen.append(following)
        following = following.__cause__ or following.__context__
    return False


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file to fill beside `path`, in whose place it is put afterwards; none is left if that fails."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
