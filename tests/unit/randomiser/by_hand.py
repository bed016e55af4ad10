"""The protocol's worked example computed with hashlib alone, sharing no line with randomiser/."""

from __future__ import annotations

import hashlib
import struct

R = bytes(range(32))
V = b"forty-two grey geese"
SALT = bytes(range(32, 64))
DESIGN = (
    b'{"arms":[{"name":"A","ratio":1},{"name":"B","ratio":1}],'
    b'"factors":[{"levels":["gastric","other"],"name":"tumour_site"},'
    b'{"levels":null,"name":"country"}],'
    b'"method":"permuted_blocks","randomisation":"demo/duration",'
    b'"sizes":[4,6],"version":1,"weights":[1,1]}'
)
LIST = '["demo/duration",1,["gastric","GB"]]'
KEY = hashlib.sha256(R + V).digest()


def digest(key: bytes, name: str, position: int, counter: int) -> bytes:
    text = name.encode()
    message = struct.pack(">I", len(text)) + text + struct.pack(">QQ", position, counter)
    return hashlib.blake2b(message, digest_size=64, key=key, person=b"sarcomere-draw").digest()


def first_words(key: bytes, name: str, position: int) -> tuple[int, ...]:
    return struct.unpack(">8Q", digest(key, name, position, 0))


def block_1_to_1(key: bytes, name: str, start: int) -> tuple[list[int], str]:
    """A 1:1 block of 4 or 6, equal odds; right while no word is rejected (chance under 1e-17)."""
    words = list(first_words(key, name, start))
    size = [4, 6][words[0] % 2]
    drawn, letters = [words[0] % 2], "A" * (size // 2) + "B" * (size // 2)
    shuffled = list(letters)
    for step, i in enumerate(range(size - 1, 0, -1), 1):
        j = words[step] % (i + 1)
        drawn.append(j)
        shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
    return drawn, "".join(shuffled)


if __name__ == "__main__":
    print("commit_r", hashlib.sha256(R).hexdigest())  # noqa: T201
    print("key", KEY.hex())  # noqa: T201
    print("commitment", hashlib.sha256(DESIGN + KEY + SALT).hexdigest())  # noqa: T201
    for name in (LIST, '["demo/duration",1,["other","FI"]]'):
        text = name.encode()
        print(name, len(text))  # noqa: T201
        print((struct.pack(">I", len(text)) + text + struct.pack(">QQ", 1, 0)).hex())  # noqa: T201
        print(digest(KEY, name, 1, 0).hex())  # noqa: T201
        position, arms = 1, ""
        while len(arms) < 16:
            drawn, block = block_1_to_1(KEY, name, position)
            print(position, [f"{w:016x}" for w in first_words(KEY, name, position)], drawn, block)  # noqa: T201
            position, arms = position + len(block), arms + block
