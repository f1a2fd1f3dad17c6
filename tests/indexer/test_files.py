from contextlib import suppress
from pathlib import Path
from threading import Thread

from indexer import files
from indexer.files import folder_beside, locked, put_in_place, write_durably


def test_a_folder_takes_the_place_of_another(tmp_path):
    place = tmp_path / "place"
    for content in ("one", "two"):
        with folder_beside(place) as fresh:
            (fresh / "file").write_text(content)
            put_in_place(fresh, place)

    assert (place / "file").read_text() == "two"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".place.lock", "place"]


def test_a_folder_takes_the_place_where_the_kernel_cannot_exchange(tmp_path, monkeypatch):
    monkeypatch.setattr(files.sys, "platform", "darwin")

    test_a_folder_takes_the_place_of_another(tmp_path)


def test_a_libc_without_exchange_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(files.ctypes, "CDLL", lambda _: object())

    test_a_folder_takes_the_place_of_another(tmp_path)


def test_a_failure_leaves_what_was_there(tmp_path):
    place = tmp_path / "place"
    place.mkdir()

    with suppress(RuntimeError), folder_beside(place) as fresh:
        (fresh / "file").write_text("half")
        raise RuntimeError

    assert list(place.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".place.lock", "place"]


def test_a_file_is_replaced_whole(tmp_path):
    for content in (b"one", b"two"):
        write_durably(tmp_path / "file", content)

    assert (tmp_path / "file").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_two_writers_wait_for_each_other(tmp_path):
    inside: list[int] = []
    most: list[int] = []

    def write(number: int) -> None:
        with locked(tmp_path / "lock"):
            inside.append(number)
            most.append(len(inside))
            (tmp_path / str(number)).write_text("x")
            inside.remove(number)

    writers = [Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert most == [1] * 8
    assert len(list(Path(tmp_path).iterdir())) == 9
