"""A content folder in which somebody has put what is no content: links, pipes, devices, endless files."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from bot.content.reader import FITTED, read
from bot.content.tree import MAX_BYTES
from tests.staff import VISA, Staff

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no such files elsewhere")
TOO_LARGE = f"1:1: error: the file is larger than {MAX_BYTES:,} bytes; is it really a content file?"
LINK = "1:1: error: this is a link that leads out of the content folder; put the file itself here"
SECRET = "BOT_TOKEN=123456:sesame\n"
GIGABYTE = 2**30


@POSIX
def test_a_pipe_keeps_nobody_waiting(staff: Staff) -> None:
    os.mkfifo(staff.folder / "pipe.yaml")
    assert staff.is_told() == ["pipe.yaml:1:1: error: cannot be read: it is a pipe or a device and no file"]


@POSIX
@pytest.mark.parametrize("name", ["pipe.yaml", FITTED])
def test_a_link_to_an_endless_device_is_not_followed(staff: Staff, name: str) -> None:
    (staff.folder / name).symlink_to("/dev/zero")
    assert staff.is_told() == ([f"{name}:{LINK}"] if name.endswith("yaml") else [])


@POSIX
@pytest.mark.parametrize("name", ["link.yaml", "visa.yaml", FITTED])
def test_a_link_shows_nobody_a_secret_file(staff: Staff, tmp_path: Path, name: str) -> None:
    secret = tmp_path / ".env"
    secret.write_text(SECRET)
    (staff.folder / name).unlink(missing_ok=True)
    (staff.folder / name).symlink_to(secret)
    reading = staff.reading()
    assert "sesame" not in " ".join(map(str, reading.problems))
    assert "sesame" not in (reading.content.fitted if reading.content is not None else "")
    assert (reading.content is None) == (name != FITTED)


@POSIX
def test_links_inside_of_the_folder_are_followed(staff: Staff, tmp_path: Path) -> None:
    """Kubernetes puts files into a folder beside, and links to the files there."""
    (staff.folder / "..2026").mkdir()
    (staff.folder / "visa.yaml").rename(staff.folder / "..2026" / "visa.yaml")
    (staff.folder / "..data").symlink_to("..2026")
    (staff.folder / "visa.yaml").symlink_to("..data/visa.yaml")
    (tmp_path / "mounted").symlink_to(staff.folder)
    for folder in (staff.folder, tmp_path / "mounted"):
        content = read(folder).content
        assert content is not None
        assert "visa-extension" in content.entries


@pytest.mark.parametrize("start", [b"", b"\xff", "виза".encode()])
def test_a_file_of_a_gigabyte_is_told_to_be_too_large_and_not_read(staff: Staff, start: bytes) -> None:
    with (staff.folder / "large.yaml").open("wb") as file:
        file.write(start)
        file.truncate(GIGABYTE)
    tracemalloc.start()
    try:
        assert staff.is_told() == [f"large.yaml:{TOO_LARGE}"]
        assert tracemalloc.get_traced_memory()[1] < GIGABYTE / 10
    finally:
        tracemalloc.stop()


def test_a_letter_that_the_limit_cuts_through_is_no_other_mistake(staff: Staff) -> None:
    staff.writes("large.yaml", "# " + "签" * MAX_BYTES)
    assert staff.is_told() == [f"large.yaml:{TOO_LARGE}"]


def test_a_merge_key_is_a_name_that_nobody_knows(staff: Staff) -> None:
    staff.changes("institute.yaml", "  email:", "  <<: {phone: '0'}\n  email:")
    assert staff.reading().content is None
    assert any("<<" in line or "references" in line for line in staff.mistakes())


@pytest.mark.parametrize("end", range(0, len(VISA), 37))
def test_a_file_that_is_still_being_written_is_content_or_told(staff: Staff, end: int) -> None:
    staff.writes("visa.yaml", VISA[:end].encode()[: end or None])
    reading = staff.reading()
    assert (reading.content is None) == bool(reading.errors)


@pytest.mark.parametrize("name", ["../institute.yaml", "/etc/passwd", "visa/../institute.yaml", "visa\n- x", "%2e%2e"])
def test_the_name_of_a_topic_or_entry_is_no_path(staff: Staff, name: str) -> None:
    staff.changes("visa.yaml", "topic: visa", f"topic: {name!r}")
    staff.changes("visa.yaml", "id: visa-extension", f"id: {name!r}")
    assert len(staff.mistakes()) >= 2


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<b>bold</b>", "[x](javascript:alert(1))", "[x](data:text/html,x)", "![x](https://x.y)",
     "[x](https://a b)", "[x]( https://a.b\" onclick=\"x)", "[x](vbscript:x)", "[x](//evil.example)"],
)  # fmt: skip
def test_markup_in_an_answer_is_told_to_be_a_mistake(staff: Staff, text: str) -> None:
    staff.changes("visa.yaml", "ru: Напишите на {email} вовремя.", f"ru: '{text} {{email}}'")
    assert any(line.startswith("visa.yaml:16:") for line in staff.is_told())


@pytest.mark.parametrize("fact", ["{email.__class__}", "{email!r}", "{email:>999999999}", "{0}", "{}", "{__class__}"])
def test_a_place_for_a_fact_is_a_name_and_no_program(staff: Staff, fact: str) -> None:
    staff.changes("visa.yaml", "ru: Напишите на {email} вовремя.", f"ru: 'Напишите на {fact}'")
    assert any(line.startswith("visa.yaml:16:") for line in staff.mistakes())
