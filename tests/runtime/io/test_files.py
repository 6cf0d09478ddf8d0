"""Files appear whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from xnn.runtime.io.files import open_input, replacing


def test_the_file_appears_when_the_block_ends(tmp_path):
    final = tmp_path / "out.txt"
    final.write_text("before")
    with replacing(final) as temporary:
        temporary.write_text("after")
        assert final.read_text() == "before"
    assert final.read_text() == "after"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path):
    final = tmp_path / "out.txt"
    final.write_text("before")
    with pytest.raises(KeyError), replacing(final) as temporary:
        temporary.write_text("half")
        raise KeyError
    assert final.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_link_stays_and_the_file_behind_it_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "out.txt")
    with replacing(tmp_path / "link") as temporary:
        assert temporary.parent == tmp_path / "real"
        temporary.write_text("text")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "link").read_text() == "text"


def test_a_failure_names_the_file_that_was_to_be_written(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "no" / "out", tmp_path / "file" / "out", Path("/dev/full"), tmp_path):
        with pytest.raises(OSError) as error, replacing(path) as temporary:
            temporary.write_text("text")
        assert error.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as error, replacing(tmp_path / "out"):
        open(tmp_path / "in")
    assert error.value.filename == str(tmp_path / "in")


def test_a_device_is_written_directly():
    with replacing(os.devnull) as path:
        path.write_text("text")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_pipe_is_read_once_and_another_of_its_number_is_another():
    for content in (b"first", b"second"):
        reading, writing = os.pipe()
        os.write(writing, content)
        os.close(writing)
        path = f"/dev/fd/{reading}"
        assert [open_input(path).read() for _ in range(2)] == [content] * 2
        os.close(reading)
