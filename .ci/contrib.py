"""Runs the shell lines of contrib/: python .ci/contrib.py <folder with git-presence>

Each recipe runs in a clone of a scratch remote, in an environment that has the variables of its CI system
and no others. A stand-in for terraform notes who holds what while it runs, and ends as it is told. What
must hold: the claim is exclusive and the job's while terraform runs, the exit code is that of terraform,
the claim is gone afterwards, also after a failure; and while another session has it, terraform does not run.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import hcl2
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTRIB = ROOT / "contrib"
RESOURCE = "stack:infra/dns"
TERRAFORM = """#!/bin/sh
git presence list --json >"$TRIED"
exit "$ENDS_WITH"
"""
# A recipe that waits for another holder is told to do so shortly.
ENDS_WITHIN_SECS = 60


def read(name):
    return yaml.safe_load((CONTRIB / name).read_text())


class Scene:
    """A remote, a clone of a job, and one of another session."""

    def __init__(self, folder, programs):
        self.folder = pathlib.Path(folder)
        self.tried = self.folder / "tried.json"
        self.base = {
            "HOME": str(self.folder / "home"),
            "PATH": f"{self.folder / 'bin'}:{programs}:/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_NOSYSTEM": "1",
            "LANG": "C.UTF-8",
            "TRIED": str(self.tried),
        }
        for name in ("home", "bin"):
            (self.folder / name).mkdir()
        terraform = self.folder / "bin/terraform"
        terraform.write_text(TERRAFORM)
        terraform.chmod(0o755)
        self.git("init --quiet --bare remote.git", self.folder)
        for clone in ("job", "other"):
            self.git(f"clone --quiet remote.git {clone}", self.folder)
        self.job = self.folder / "job"
        self.other = self.folder / "other"

    def git(self, line, where, env=None, **more):
        return self.run("git " + line, where, env or {}, **more)

    def run(self, line, where, env, shell=("bash", "-c"), check=True):
        """Runs a line of a shell, and returns how it ended."""
        ended = subprocess.run(
            [*shell, line],
            cwd=where,
            env=self.base | env,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ENDS_WITHIN_SECS,
        )
        if check and ended.returncode != 0:
            sys.exit(f"{line}\n{ended.stdout}{ended.stderr}")
        return ended

    def held(self):
        """Returns what is held exclusively, as the other clone sees it after a sync."""
        self.git("presence sync", self.other)
        board = json.loads(self.git("presence list --json", self.other).stdout)
        return [claim for claim in board if claim["mode"] == "exclusive"]


def steps_of_github(action, given):
    """Returns the lines of a composite action, and the variables that its inputs become."""
    values = {name: one.get("default", "") for name, one in action["inputs"].items()} | given
    (step,) = action["runs"]["steps"]
    env = {name: values[text.split("inputs.")[1].split()[0]] for name, text in step["env"].items()}
    return step["run"], env


def recipes():
    """Returns name, lines, variables and shell of each recipe."""
    given = {"resource": RESOURCE, "run": "terraform apply", "purpose": "apply of main"}
    lines, env = steps_of_github(read("ci/github/action.yml"), given)
    job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "apply"}
    yield "github", lines, env | job, ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")

    gitlab = read("ci/gitlab.yml")
    base, apply = gitlab[".presence"], gitlab["apply"]
    job = {"CI": "true", "GITLAB_CI": "true", "CI_JOB_ID": "7", "CI_JOB_NAME": "apply", "CI_COMMIT_REF_NAME": "main"}
    # GitLab expands variables in variables.
    env = {name: os.path.expandvars(text) for name, text in (base["variables"] | apply["variables"]).items()}
    for name, text in env.items():
        for variable, value in job.items():
            text = text.replace(f"${variable}", value)
        env[name] = text
    yield "gitlab", "\n".join(base["before_script"] + base["script"]), env | job, ("sh", "-ec")

    (step,) = read("ci/woodpecker.yaml")["steps"]
    env = {name: text for name, text in step["environment"].items() if isinstance(text, str)}
    job = {"CI": "woodpecker", "CI_PIPELINE_NUMBER": "7", "CI_WORKFLOW_NUMBER": "1", "CI_STEP_NUMBER": "2"}
    yield "woodpecker", "\n".join(step["commands"]).replace("$$", "$"), env | job, ("sh", "-ec")

    workflow = read("ci/atlantis.yaml")["workflows"]["presence"]
    runs = [step["run"] for stage in ("plan", "apply") for step in workflow[stage]["steps"] if isinstance(step, dict)]
    env = {"REPO_REL_DIR": "infra/dns", "PULL_NUM": "5", "PLANFILE": "dns.tfplan"}
    yield "atlantis", "\n".join(runs), env, ("sh", "-ec")

    yield "terragrunt", terragrunt(), {}, ("sh", "-ec")

    job = {"JENKINS_URL": "http://j/", "JOB_NAME": "infra", "BUILD_NUMBER": "9"}
    jenkins = f"exec sh '{CONTRIB}/ci/jenkins.sh' {RESOURCE} terraform apply"
    yield "jenkins", jenkins, job, ("sh", "-ec")


def terragrunt():
    """Returns what Terragrunt does with the hooks: none is skipped, and the last one follows a failure."""
    with open(CONTRIB / "ci/terragrunt.hcl") as file:
        (terraform,) = hcl2.load(file)["terraform"]

    def words(hooks, name):
        (hook,) = (one[key] for one in hooks for key in one if key.strip('"') == name)
        texts = [text.strip('"').replace("${path_relative_to_include()}", "infra/dns") for text in hook["execute"]]
        return hook, " ".join(f"'{text}'" for text in texts)

    _, before = words(terraform["before_hook"], "presence_claim")
    after, release = words(terraform["after_hook"], "presence_release")
    if after["run_on_error"] is not True:
        sys.exit("the hook of terragrunt that releases does not run after an error")
    return f"{before}\ncode=0\nterraform apply || code=$?\n{release}\nexit $code"


def check(name, what, is_right, ended):
    if not is_right:
        sys.exit(f"{name}: {what}\n{ended.stdout}{ended.stderr}")


def run(name, lines, env, shell, programs):
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(folder, programs)
        for code in (0, 7):
            ended = scene.run(lines, scene.job, env | {"ENDS_WITH": str(code)}, shell, check=False)
            check(name, f"it ended with {ended.returncode}, and terraform with {code}", ended.returncode == code, ended)
            (claim,) = json.loads(scene.tried.read_text())
            held = (claim["resource"], claim["mode"], claim["is_me"], claim["confirmed"])
            check(name, f"terraform ran under {claim}", held == (RESOURCE, "exclusive", True, True), ended)
            check(name, "the claim is not released", scene.held() == [], ended)
            scene.tried.unlink()
        scene.git(f"presence claim --exclusive {RESOURCE} --purpose 'by hand'", scene.other)
        blocked = lines.replace("--wait=10m", "--wait=1s")
        blocked_env = {key: "1s" if value == "10m" else value for key, value in env.items()} | {"PRESENCE_WAIT": "1s"}
        ended = scene.run(blocked, scene.job, blocked_env | {"ENDS_WITH": "0"}, shell, check=False)
        check(name, f"it ended with {ended.returncode} while another session holds it", ended.returncode != 0, ended)
        check(name, "terraform ran while another session held the resource", not scene.tried.exists(), ended)
        check(name, "the other session lost its claim", len(scene.held()) == 1, ended)


def has_hooks(name, scene, ended):
    settings = scene.folder / "home/.claude/settings.json"
    is_right = settings.exists() and "git-presence" in settings.read_text()
    check(name, f"it ended with {ended.returncode}, and the hooks are not there", is_right, ended)


def image(programs):
    """Runs what the image does as its user; that the .deb can be installed is tested by .ci/install-tests."""
    text = (CONTRIB / "image/Dockerfile").read_text()
    as_user = text.split("\nUSER agent\n")[1].replace("\\\n", " ").splitlines()
    runs = [line.removeprefix("RUN ") for line in as_user if line.startswith("RUN ")]
    args = dict(line.removeprefix("ARG ").split("=") for line in as_user if line.startswith("ARG "))
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(folder, programs)
        for line in runs:
            ended = scene.run(line, scene.folder / "home", args, ("bash", "-euo", "pipefail", "-c"))
        has_hooks("Dockerfile", scene, ended)
    print("ok Dockerfile")


def feature(programs):
    """Installs the feature of a dev container into an empty home, and below a prefix that needs no root."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(folder, "/nowhere")
        there = scene.folder / "feature"
        there.mkdir()
        for source in (CONTRIB / "image/devcontainer/install.sh", pathlib.Path(programs) / "git-presence"):
            shutil.copy(source, there)
        ended = scene.run(f"sh {there}/install.sh", scene.folder, {"PRESENCE_PREFIX": f"{folder}/local"})
        check("feature", "the program is not there", os.access(f"{folder}/local/bin/git-presence", os.X_OK), ended)
        has_hooks("feature", scene, ended)
    print("ok feature")


def main(programs):
    count = 0
    for recipe in recipes():
        run(*recipe, programs)
        print(f"ok {recipe[0]}")
        count += 1
    image(programs)
    feature(programs)
    print(f"contrib: {count} recipes, an image and a feature ran")


main(*sys.argv[1:])
