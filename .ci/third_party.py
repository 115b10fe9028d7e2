"""What is linked into the program, with its licences: python3 .ci/third_party.py <target>

Prints Markdown: one line a crate, then each text of a licence once. Reads what `cargo metadata` and the
sources of the crates say, and asks no network.
"""

import json
import pathlib
import re
import subprocess
import sys

LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense)")


def cargo(*args):
    run = subprocess.run(("cargo",) + args, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout


def linked(target):
    """Returns name and version of each crate that is linked, without those of the build."""
    tree = cargo("tree", "--locked", "--edges", "normal", "--target", target, "--prefix", "none", "--format", "{p}")
    words = (line.split() for line in tree.splitlines())
    return sorted({(line[0], line[1].lstrip("v")) for line in words if "(proc-macro)" not in line})


def main(target):
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target))
    packages = {(one["name"], one["version"]): one for one in metadata["packages"]}
    lines, texts = [], {}
    for key in linked(target):
        package = packages[key]
        if package["source"] is None:
            continue
        name = f"{key[0]} {key[1]}"
        lines.append(f"- {name}: {package['license'] or 'see its text'}")
        folder = pathlib.Path(package["manifest_path"]).parent
        for file in sorted(folder.iterdir()):
            if file.is_file() and LICENCE_FILE.match(file.name):
                text = "\n".join(line.rstrip() for line in file.read_text(errors="replace").splitlines()).strip()
                texts.setdefault(text, []).append(name)
    print("# What is linked into git presence\n")
    print("\n".join(lines))
    for text, names in sorted(texts.items(), key=lambda item: item[1]):
        print(f"\n## {', '.join(dict.fromkeys(names))}\n\n```text\n{text}\n```")


main(*sys.argv[1:])
