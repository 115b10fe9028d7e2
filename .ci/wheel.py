"""The wheel for PyPI: python3 .ci/wheel.py <staged folder> <version> <processor> <glibc> <out>

It has the program as a script, and no Python code. The same files give the same bytes.
"""

import base64
import hashlib
import os
import pathlib
import sys
import time
import zipfile

ABOUT = """\
Metadata-Version: 2.1
Name: git-presence
Version: {version}
Summary: See who is changing what right now, claim it, defer or take turns
License: MIT OR Apache-2.0
Requires-Python: >=3.8
Description-Content-Type: text/markdown

{readme}"""
KIND = """\
Wheel-Version: 1.0
Generator: git-presence
Root-Is-Purelib: false
Tag: {tag}
"""


def entry(name, data, _mode):
    """Returns the line about a file in RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def main(stage, version, processor, glibc, out):
    stage = pathlib.Path(stage)
    systems = f"manylinux_{glibc.replace('.', '_')}" if glibc else "musllinux_1_1"
    platform = f"{systems}_{processor}"
    if not glibc:
        # A static program runs on both kinds of Linux.
        platform = f"manylinux_2_17_{processor}.{platform}"
    tag = f"py3-none-{platform}"
    info = f"git_presence-{version}.dist-info"
    tags = "\n".join(f"Tag: py3-none-{one}" for one in platform.split("."))
    files = [
        (f"git_presence-{version}.data/scripts/git-presence", (stage / "git-presence").read_bytes(), 0o755),
        (f"{info}/METADATA", ABOUT.format(version=version, readme=(stage / "README.md").read_text()).encode(), 0o644),
        (f"{info}/WHEEL", KIND.format(tag=tag).replace(f"Tag: {tag}", tags).encode(), 0o644),
    ]
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.md"):
        files.append((f"{info}/licenses/{name}", (stage / name).read_bytes(), 0o644))
    record = "".join(entry(*file) for file in files) + f"{info}/RECORD,,\n"
    files.append((f"{info}/RECORD", record.encode(), 0o644))
    when = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    path = pathlib.Path(out) / f"git_presence-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data, mode in files:
            about = zipfile.ZipInfo(name, when)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system = 3
            about.external_attr = (0o100000 | mode) << 16
            wheel.writestr(about, data)


main(*sys.argv[1:])
