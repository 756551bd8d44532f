"""Where Unix sockets go: the system limits their path to about 100 characters."""

import hashlib
import os
from pathlib import Path

LONGEST_PATH = 100


def socket_folder(preferred: Path, *, longest_name: str) -> Path:
    """The preferred folder, or a short one derived from its path; the same answer in every process.

    Not under XDG_RUNTIME_DIR or TMPDIR: a service and a shell often differ in these.
    """
    if len(os.fsencode(preferred / longest_name)) <= LONGEST_PATH:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    return Path("/tmp") / f"carteira-{digest}"  # noqa: S108  (made with mode 0700; a stranger's folder is refused)


def claim(folder: Path, *, owner: int) -> None:
    """Make the folder for its owner alone; refuse one that somebody else prepared under /tmp to listen in."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid not in {os.geteuid(), owner} or status.st_mode & 0o022:
        raise PermissionError(f"A pasta {folder} pertence a outro usuário ou pode ser alterada por outros.")
    if status.st_uid != owner:
        os.chown(folder, owner, -1)
