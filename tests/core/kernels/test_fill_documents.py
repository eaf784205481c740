import numpy as np

from dog.core.kernels.fill_documents import TEXT, fill_documents

PIECES = (b"{a:", b",b:", b",c:", b"}")


def as_array(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


def written(table: bytes, first: int, count: int, texts: bytes) -> bytes:
    ends, holes = np.cumsum([len(piece) for piece in PIECES]), np.array([1, TEXT, 0])
    return fill_documents(
        as_array(table), 2, first, count, as_array(b"".join(PIECES)), ends, holes, as_array(texts)
    ).tobytes()


def test_each_hole_gets_its_number_or_text() -> None:
    found = written(b"[[1,2.5],[null,4],[-5e-7,6]]", 0, 3, b"x\n\nyyy\n")

    assert found == b"{a:2.5,b:x,c:1},{a:4,b:,c:null},{a:6,b:yyy,c:-5e-7}"


def test_a_part_of_the_rows_can_be_written() -> None:
    assert written(b"[[1,2],[3,4],[5,6]]", 1, 1, b"x\n") == b"{a:4,b:x,c:3}"


def test_no_document_is_no_text() -> None:
    assert written(b"[]", 0, 0, b" ") == b""
