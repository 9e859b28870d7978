"""Run a program that an export has just been given, and tell what it prints.

python -I program.py PROGRAM [ARGUMENT ...]

The last line that is printed is JSON: {"printed": "..."}.
"""

import contextlib
import io
import json
import runpy
import sys


def main():
    sys.argv = sys.argv[1:]
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(told):
        runpy.run_path(sys.argv[0], run_name="__main__")
    told.flush()
    print(json.dumps({"printed": told.buffer.getvalue().decode("utf-8")}))


if __name__ == "__main__":
    main()
