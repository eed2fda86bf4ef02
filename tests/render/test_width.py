"""Every page on a phone, as a browser lays it out: nothing to scroll sideways, and no word broken that fits a line."""

from __future__ import annotations

import json
import re
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest

from tests.render.reading import render
from tests.testlib.pictures import LANGUAGES, others, samples
from tests.testlib.programs import require

pytestmark = pytest.mark.slow

PHONE = 360  # pixels; what is well there is well on anything wider
LONGEST = (
    "notification-long",
    "notification-stranger",
    "held-all",
    "receipt-all",
    "digest-shown",
    "digest-help",
    "digest-acted",
)
LETTERS = [*((letter.value, letter, values) for letter, values in samples().items()),
           *((name, letter, values) for name, letter, values in others() if name in LONGEST)]  # fmt: skip

# Of each page in its frame: how much wider than the frame it is, and words that stand on two lines.
LOOK = """
<script>
onload = () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, wide = page.documentElement.scrollWidth - frame.clientWidth, broken = [];
    const walk = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (const word of node.data.matchAll(/[^\\s\\u00a0\\u2013-]+/g)) {
        const range = page.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(box => box.top)).size > 1) broken.push(word[0]);
      }
    }
    found.push([frame.title, wide, broken]);
  }
  document.getElementById("found").textContent = JSON.stringify(found);
};
</script>
<pre id="found"></pre>
"""


def frames() -> str:
    """All pages, each in a frame, as it is, and, in the longer words, without what many mail programs take out of a page."""
    parts = []
    for language in LANGUAGES:
        for name, letter, values in LETTERS:
            page = render(letter, values, language).html
            bare = re.sub(r"(?s)<style>.*?</style>", "", page)
            for title, shown in ((f"{name} {language}", page), *([(f"{name} bare", bare)] if language == "de" else [])):
                parts.append(f'<iframe title="{title}" width={PHONE} frameborder=0 srcdoc="{escape(shown)}"></iframe>')
    return f"<!DOCTYPE html><meta charset=utf-8><body style='margin:0'>{''.join(parts)}{LOOK}"


def laid_out(folder: Path, page: str) -> list[tuple[str, int, list[str]]]:
    file = folder / "frames.html"
    file.write_text(page, "utf-8")
    told = subprocess.run(
        [
            require("chromium", package="chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri(),
        ],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    found = re.search(r'(?s)<pre id="found">(.*?)</pre>', told)
    assert found is not None
    return [(name, wide, broken) for name, wide, broken in json.loads(unescape(found[1]))]


def test_no_page_scrolls_sideways_and_no_word_is_broken(tmp_path: Path) -> None:
    found = laid_out(tmp_path, frames())
    assert len(found) == len(LETTERS) * (len(LANGUAGES) + 1)
    assert [(name, wide) for name, wide, _ in found if wide > 0] == []
    assert [(name, word) for name, _, broken in found for word in broken if len(word) <= 24] == []
