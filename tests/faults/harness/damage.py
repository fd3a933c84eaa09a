"""How files are damaged: flipped bits, other bytes, cut and doubled parts, numbers that are too large, and, in
text, numbers and marks that a reader may not expect. Beside `tests/damage.rs`, which does so for Parquet."""

import random
import re

TEXTS = [b"", b"-1", b"0", b"1e309", b"nan", b"-inf", b"18446744073709551616", b"2147483648", b"1.5", b"null",
         b'"', b"\n", b",", b"\xff", b"\xef\xbb\xbf", b"[", b"{", b"\\", b"=1+1", b"\x00", b"\xe2\x80\xae"]
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def flipped(content: bytes, bit: int) -> bytes:
    """The content with one bit, counted from its start, the other way."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def damaged(content: bytes, choose: random.Random) -> bytes:
    """The content damaged once, or up to four times; one in fifty is anything at all."""
    if choose.randrange(50) == 0:
        return choose.randbytes(choose.randrange(4096))
    is_text = b"\x00" not in content[:4096]
    for _ in range(choose.choice([1, 1, 1, 2, 4])):
        content = _once(content, choose, is_text)
    return content


def _once(content: bytes, choose: random.Random, is_text: bool) -> bytes:
    if not content:
        return content
    end = len(content)
    # Headers are where it tells most: at the beginning, and of Parquet and zip at the end.
    start, length = choose.choice([(0, end), (0, min(end, 128)), (end - min(end, 512), min(end, 512))])
    at = start + choose.randrange(length)
    kind = choose.randrange(10 if is_text else 8)
    if kind <= 2:
        return flipped(content, at * 8 + choose.randrange(8))
    if kind == 3:
        return content[:at] + choose.randbytes(1) + content[at + 1 :]
    if kind == 4:
        return content[:at]
    if kind == 5:
        part, place = content[at : at + choose.randrange(1, 64)], choose.randrange(end)
        return content[:place] + part + content[place:]
    if kind == 6:
        return content[:at] + choose.choice([b"\xff", b"\x00", b"\x7f"]) * choose.choice([1, 2, 4, 8]) + content[at + 8 :]
    if kind == 7:
        return content[:at] + content[at + choose.randrange(1, 64) :]
    if kind == 8:
        return content[:at] + choose.choice(TEXTS) + content[at:]
    numbers = list(NUMBER.finditer(content))
    if not numbers:
        return content
    number = choose.choice(numbers)
    return content[: number.start()] + choose.choice(TEXTS) + content[number.end() :]
