"""C, compiled by clang for the processor at hand and called with the addresses of columns. `import c` where there is no
clang is an ImportError, as of a library that is not installed."""

import ctypes
import os
import shutil
import subprocess
import tempfile

CLANG = shutil.which("clang")
if CLANG is None:
    raise ImportError("no clang", name="clang")

FLAGS = ["-O3", "-march=native", "-ffast-math", "-fno-math-errno", "-shared", "-fPIC"]
__version__ = subprocess.run([CLANG, "-dumpversion"], capture_output=True, text=True, check=True).stdout.strip()


def compiled(source):
    """The functions of a text in C."""
    with tempfile.TemporaryDirectory() as folder:
        text, library = os.path.join(folder, "peer.c"), os.path.join(folder, "peer.so")
        with open(text, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run([CLANG, *FLAGS, text, "-o", library, "-lm"], check=True)
        return ctypes.CDLL(library)


def address(column):
    return column.ctypes.data_as(ctypes.c_void_p)
