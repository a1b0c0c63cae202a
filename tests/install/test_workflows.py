"""What continuous integration, releases and the published book run, tried without their servers."""

import json
import os
import re
import subprocess
import tarfile
import zipfile
from importlib.util import find_spec

import pytest
import yaml
from commands import ROOT, load_script

check_package, publish_book = load_script("check_package"), load_script("publish_book")
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
STEPS = [
    (f"{name}/{job}", step)
    for name, workflow in WORKFLOWS.items()
    for job, content in workflow["jobs"].items()
    for step in content["steps"]
]
SCRIPTS = {
    f"{where}: {step.get('name', '')}": step["run"] for where, step in STEPS if "run" in step
}
SCRIPTS |= {path.name: path.read_text() for path in sorted((ROOT / ".ci").iterdir())}
# What they bring themselves before they run it.
BROUGHT = {"build", "twine"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_bash_and_names_what_there_is(name):
    script = re.sub(r"\$\{\{.*?\}\}", "x", SCRIPTS[name])
    subprocess.run(["bash", "-n", "-c", script], check=True)
    named = re.findall(r"(?<![\w/.$])((?:\.ci|scripts|tests|book)/[\w/.]+)", script)
    assert [path for path in named if not (ROOT / path).exists() and "_build" not in path] == []
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    called = re.findall(r"^\s*(?:CI=true exec )?make ([a-z-]+)", script, re.M)
    assert set(called) <= set(targets)
    modules = set(re.findall(r"python\"? -m (\w+)", script)) - BROUGHT
    assert [module for module in modules if find_spec(module) is None] == []


def test_workflows_may_do_only_what_they_must():
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
    more = {
        f"{name}/{key}": job["permissions"]
        for name, workflow in WORKFLOWS.items()
        for key, job in workflow["jobs"].items()
        if "permissions" in job
    }
    assert more == {
        "pages/publish": {"contents": "write"},
        "release/publish": {"id-token": "write", "attestations": "write", "contents": "read"},
    }
    # A job that may write runs nothing of a pull request.
    assert "pull_request" not in WORKFLOWS["pages"][True] | WORKFLOWS["release"][True]


def test_actions_are_pinned_to_a_commit_whose_version_is_named():
    text = "".join(path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml"))
    lines = re.findall(r"uses: (.*)", text)
    pinned = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert lines
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert len({line.partition("@")[0] for line in lines}) == len(set(lines))


def test_other_systems_try_the_oldest_and_the_newest_python():
    linux = WORKFLOWS["ci"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    others = WORKFLOWS["ci"]["jobs"]["units"]["strategy"]["matrix"]
    assert others["python"] == [linux[0], linux[-1]]
    assert {system.partition("-")[0] for system in others["system"]} == {"macos", "windows"}


# --- the book ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repository", "own", "address"),
    [
        ("An-Owner/a-name", "", "https://an-owner.github.io/a-name/main/"),
        ("An-Owner/an-owner.github.io", "", "https://an-owner.github.io/main/"),
        ("An-Owner/a-name", "https://host.example/", "https://host.example/main/"),
    ],
)
def test_the_book_is_built_for_the_address_of_the_repository(tmp_path, repository, own, address):
    stub = tmp_path / "make"
    stub.write_text('#!/bin/sh\necho "$BOOK_REPOSITORY $BOOK_ADDRESS $BOOK_VERSION $*"; exit 7\n')
    stub.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if key[:6] != "GITHUB"} | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": repository, "BOOK_SITE": own,
    }  # fmt: skip
    command = ["bash", ROOT / ".ci/book", tmp_path / "site"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 7
    assert result.stdout == f"https://github.com/{repository} {address} main book\n"


def built(folder, text):
    """A book of two pages."""
    folder.mkdir()
    for name in ("index.html", "404.html"):
        (folder / name).write_text(f"{name}: {text}")
    return folder


def test_old_versions_stay_and_the_newest_release_is_first(tmp_path):
    site, address = tmp_path / "site", "https://host.example/a/"

    def publish(version, text):
        pages = built(tmp_path / f"{version}{text}", text)
        return publish_book.publish(pages, site, version, address)

    assert publish("main", "one") == ["main"]
    assert publish("v0.10.0", "ten") == ["v0.10.0", "main"]
    assert publish("v0.9.1", "nine") == ["v0.10.0", "v0.9.1", "main"]
    assert publish("v1.0rc1", "soon") == ["v0.10.0", "v0.9.1", "main", "v1.0rc1"]
    assert publish("main", "two") == ["v0.10.0", "v0.9.1", "main", "v1.0rc1"]
    assert (site / "main/index.html").read_text() == "index.html: two"
    assert (site / "404.html").read_text() == "404.html: ten"
    first, *others = json.loads((site / "switcher.json").read_text())
    assert first == {
        "name": "v0.10.0",
        "version": "v0.10.0",
        "url": "/a/v0.10.0/",
        "preferred": True,
    }
    assert not any(other["preferred"] for other in others)
    assert 'url=/a/v0.10.0/"' in (site / "index.html").read_text()
    with pytest.raises(ValueError, match=r"main or a tag such as v0\.1\.0, got '\.\./x'"):
        publish_book.publish(tmp_path / "mainone", site, "../x", address)
    with pytest.raises(ValueError, match=r"must hold a built book"):
        publish_book.publish(tmp_path, site, "main", address)


def test_the_published_branch_is_one_commit_with_every_version(tmp_path):
    """The steps around the build, twice, against a repository in a folder."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]

    def run(*command, cwd=tmp_path):
        environment = os.environ | {"GITHUB_ACTOR": "a", "GITHUB_SHA": "0", "GITHUB_REF_NAME": "r"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    steps = WORKFLOWS["pages"]["jobs"]["publish"]["steps"]
    fetch, publish = (step["run"] for step in steps if "run" in step and ".ci/" not in step["run"])
    run(*git, "init", "--bare", "origin")
    for version in ("main", "v1"):
        work = tmp_path / version
        work.mkdir()
        run(*git, "clone", "../origin", "checkout", cwd=work)
        (work / "checkout/file").write_text(version)
        run(*git, "add", ".", cwd=work / "checkout")
        run(*git, "commit", "-m", version, cwd=work / "checkout")
        run("bash", "-e", "-c", fetch, cwd=work / "checkout")
        pages = built(work / "pages", version)
        publish_book.publish(pages, work / "site", version, "https://host.example/a/")
        run("bash", "-e", "-c", publish, cwd=work / "site")
    files = run("git", "ls-tree", "-r", "--name-only", "gh-pages", cwd=tmp_path / "origin").split()
    above = {".nojekyll", "404.html", "index.html", "switcher.json"}
    pages = {f"{version}/{page}.html" for version in ("main", "v1") for page in ("index", "404")}
    assert set(files) == above | pages
    assert run("git", "rev-list", "--count", "gh-pages", cwd=tmp_path / "origin") == "1\n"


# --- the package ------------------------------------------------------------------------------


def test_what_was_built_is_checked(tmp_path):
    tracked, wheel = ["sphere_toolkit/a.py"], tmp_path / "sphere_toolkit-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(tracked[0], "")
    with pytest.raises(ValueError, match="must hold one wheel and one sdist"):
        check_package.check(tmp_path, tracked, "")
    (tmp_path / "a.py").touch()
    with tarfile.open(tmp_path / "sphere_toolkit-1.2.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a.py", f"sphere_toolkit-1.2/{tracked[0]}")
    assert check_package.check(tmp_path, tracked, "refs/heads/main") == "1.2"
    assert check_package.check(tmp_path, tracked, "refs/tags/v1.2") == "1.2"
    with pytest.raises(ValueError, match=r"tag must be v1\.2, which was built, got 'refs/tags/v2'"):
        check_package.check(tmp_path, tracked, "refs/tags/v2")
    with pytest.raises(ValueError, match=r"whl lacks 1 files of the package: \['b'\]"):
        check_package.check(tmp_path, [*tracked, "b"], "")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("large", bytes(2_000_000))
    with pytest.raises(ValueError, match="bytes, expected < 2000000"):
        check_package.check(tmp_path, tracked, "")


def test_the_examples_run_by_themselves(capfd):
    check_package.run_examples(
        "```python\nimport sys\n```\n```python\nprint(sys.flags.isolated)\n```"
    )
    assert capfd.readouterr().out == "1\n"
    with pytest.raises(subprocess.CalledProcessError):
        check_package.run_examples("```python\nimport warnings; warnings.warn('no')\n```")
    with pytest.raises(ValueError, match="must have an example"):
        check_package.run_examples("")
