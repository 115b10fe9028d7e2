"""Files of the .deb, from [package.metadata.deb] in Cargo.toml, which `cargo deb` reads as well.

python3 .ci/deb_control.py control <version> <architecture> <glibc> <KiB>
python3 .ci/deb_control.py changelog <version>
"""

import email.utils
import json
import os
import subprocess
import sys

METADATA = ("cargo", "metadata", "--locked", "--no-deps", "--format-version", "1")
# The revision of the package.
REVISION = "1"


def control(package, deb, version, architecture, glibc, size):
    needs = [deb["depends"]] + ([f"libc6 (>= {glibc})"] if glibc else [])
    fields = {
        "Package": package["name"],
        "Version": f"{version}-{REVISION}",
        "Architecture": architecture,
        "Maintainer": deb["maintainer"],
        "Installed-Size": size,
        "Depends": ", ".join(needs),
        "Section": deb["section"],
        "Priority": deb["priority"],
        "Description": deb["description"],
    }
    for name, value in fields.items():
        print(f"{name}: {value}")
    for line in deb["extended-description"].strip().splitlines():
        print(f" {line.strip() or '.'}")


def changelog(package, deb, version):
    when = email.utils.formatdate(int(os.environ["SOURCE_DATE_EPOCH"]))
    print(f"{package['name']} ({version}-{REVISION}) unstable; urgency=medium\n")
    print(f"  * Version {version}: changelog.gz says what is new.\n")
    print(f" -- {deb['maintainer']}  {when.replace('-0000', '+0000')}")


def main(what, *args):
    run = subprocess.run(METADATA, check=True, stdout=subprocess.PIPE, text=True)
    package = json.loads(run.stdout)["packages"][0]
    {"control": control, "changelog": changelog}[what](package, package["metadata"]["deb"], *args)


main(*sys.argv[1:])
