"""The programs of the toolkit as commands of this package."""

import signal
import sys

from aum_toolkit import _core


def analyzer() -> None:
    """The command `analyzer`."""
    # Python would only remember an interrupt until the command is done.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_core.analyzer_main(["analyzer", *sys.argv[1:]]))
