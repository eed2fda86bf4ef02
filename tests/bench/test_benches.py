"""The benches and the tool that works off a folder run, on a few mails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.mails import mails
from bench.soak import Look, Outcome, too_much

ROOT = Path(__file__).resolve().parents[2]
BENCHES = {
    "ingest": (["--mails", "30"], {"rate", "bare", "ratio"}),
    "latency": (["--mails", "2"], {"median", "worst"}),
    "growth": (["--few", "10", "--many", "200", "--mails", "10", "--rounds", "1"], {"wall", "processor"}),
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.timeout(240)  # servers, and a daemon or two
@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_ends_with_its_figures(name: str) -> None:
    arguments, figures = BENCHES[name]
    done = run(f"bench.{name}", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == figures
    assert all(figure > 0 for figure in found.values())


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_soak_harms_everything_and_misses_nothing() -> None:
    done = run("bench.soak", "--mails", "60", "--harm", "0.25")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["rows"]["inbound_mail"] == 60
    assert found["days"] > 0.2
    assert {"cut imap", "kill parser", "cancel store task", "hold lock", "read long"} <= found["faults"].keys()
    assert len(found["looks"]) > 10


def look(mails: int, rss: int, descriptors: int = 20) -> Look:
    return Look(mails, rss, descriptors, 0, 0, 0)


def soaked(*looks: Look, most_wal: int = 0, wrong: Sequence[str] = ()) -> Outcome:
    return Outcome(list(looks), 1.0, 1.0, 1.0, most_wal, {}, {}, {}, list(wrong))


def test_a_soak_tells_what_grew() -> None:
    assert not too_much(soaked(look(10_000, 100_000_000), look(50_000, 101_000_000), look(100_000, 100_500_000)))
    assert too_much(soaked(look(10_000, 100_000_000), look(100_000, 130_000_000))) == ["memory grew by 33.3 MB"]
    assert too_much(soaked(look(1, 1), look(2, 1, 40))) == ["20 descriptors more than at first"]
    assert too_much(soaked(look(1, 1), look(2, 1), most_wal=90_000_000)) == ["the WAL had 90 MB"]
    assert too_much(soaked(look(1, 1), look(2, 1), wrong=["1 mails wait"])) == ["1 mails wait"]


@pytest.mark.slow
def test_every_mail_of_a_folder_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "deep" / "down").mkdir(parents=True)
    made = list(mails(5, to="support@acme.example"))
    for number, mail in enumerate(made):
        (tmp_path / ("deep/down" if number % 2 else "deep") / f"{number}.eml").write_bytes(mail.raw)
    (tmp_path / "again.eml").write_bytes(made[0].raw)
    (tmp_path / "robot").write_bytes(b"Auto-Submitted: auto-replied\r\n" + made[0].raw.replace(b"<m1.0@", b"<other@"))
    (tmp_path / "bomb").write_bytes(b"X: y\r\n" * 20_000 + made[0].raw)
    done = run("tools.work_off", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(line.split()[:2] for line in done.stdout.splitlines() if len(line.split()) == 2)
    assert told["message"] == "5"
    assert (told["duplicate"], told["automatic"], told["quarantined"]) == ("1", "1", "1")


def test_mails_are_the_same_for_the_same_seed() -> None:
    once, again, other = (list(mails(50, to="support@acme.example", seed=seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    assert all(len(mail.raw) > 1_500 for mail in once)
    assert any(b"multipart/mixed" in mail.raw for mail in once)
    assert any(b"In-Reply-To" in mail.raw for mail in once)
