"""The Merkle tree: the published vectors, and every proof against a tree built straight from the RFC's words."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.audit import NotCanonical, canonical_json
from workflow.sealing import merkle

LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Leaves and roots of the test vectors of Certificate Transparency's reference implementation, for 0 to 8 leaves."""
A = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
B = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
C = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
D = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
E = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [E, A, D]),
    (5, 8, [B, C, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], A, B]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [E, A, D]), (6, 8, [F, C, ROOTS[4]]), (2, 5, [A, B])]
"""Proofs of the same vectors: (leaf, size, path) and (old, new, path)."""

SIZES = range(1, 71)


def hashes(count: int) -> list[bytes]:
    """The hashes of so many different leaves."""
    return [merkle.leaf_hash(b"%d" % number) for number in range(count)]


def naive_root(leaves: list[bytes]) -> bytes:
    """The root of hashed leaves, in the words of RFC 6962, 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def inclusion(leaves: list[bytes], index: int, size: int) -> list[bytes]:
    """The path of a leaf."""
    wanted = merkle.inclusion_parts(index, size)
    found = merkle.parts(iter(leaves), size, wanted)
    return [found[part] for part in wanted]


def consistency(leaves: list[bytes], old: int, new: int) -> list[bytes]:
    """The proof that a smaller tree is the beginning of a greater one."""
    wanted = merkle.consistency_parts(old, new)
    found = merkle.parts(iter(leaves), new, wanted)
    return [found[part] for part in wanted]


def root_over(leaves: list[bytes]) -> bytes:
    """The root, leaf by leaf."""
    tree = merkle.Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    """Every tree of 0 to 8 of the published leaves has the published root."""
    assert ROOTS[size] == root_over([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex()


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index, size, path):
    """Every published path is the one that is made, and it holds."""
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES]

    assert path == [step.hex() for step in inclusion(leaves, index, size)]
    steps = [bytes.fromhex(step) for step in path]
    assert merkle.verify_inclusion(leaves[index], index, size, steps, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old, new, path):
    """Every published proof is the one that is made, and it holds."""
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES]

    assert path == [step.hex() for step in consistency(leaves, old, new)]
    roots = [bytes.fromhex(ROOTS[size]) for size in (old, new)]
    assert merkle.verify_consistency(old, new, *roots, [bytes.fromhex(step) for step in path])


def test_every_leaf_of_every_tree_is_proved():
    """Trees of 1 to 70 leaves have the root of the definition, and a proof for each leaf in it, for no other place."""
    for size in SIZES:
        leaves = hashes(size)
        root = naive_root(leaves)
        assert root == root_over(leaves)
        for index in range(size):
            path = inclusion(leaves, index, size)
            assert merkle.verify_inclusion(leaves[index], index, size, path, root)
            assert not merkle.verify_inclusion(leaves[index], index + 1, size, path, root)
            assert not merkle.verify_inclusion(leaves[index], index, size, [*path, root], root)


def test_every_tree_is_proved_to_go_on_in_every_greater_one():
    """Each tree of 1 to 70 leaves is joined to each that grew out of it, and to none over another beginning."""
    leaves = hashes(SIZES[-1])
    roots = [naive_root(leaves[:size]) for size in range(SIZES[-1] + 1)]
    for new in SIZES:
        for old in range(1, new + 1):
            path = consistency(leaves, old, new)
            assert merkle.verify_consistency(old, new, roots[old], roots[new], path)
            assert not merkle.verify_consistency(old, new, roots[old - 1], roots[new], path)
            assert not merkle.verify_consistency(old, new, roots[old], roots[new], [*path, roots[new]])


@given(size=st.integers(1, 70), data=st.data())
def test_a_proof_with_anything_changed_does_not_hold(size, data):
    """A flipped bit in a leaf, a path or a root, a step left out, another size: the proof falls."""
    leaves = hashes(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion(leaves, index, size), root_over(leaves)
    at, bit = data.draw(st.integers(0, len(path) + 1)), data.draw(st.integers(0, 255))
    flipped = [bytearray(part) for part in (leaves[index], root, *path)]
    flipped[at][bit // 8] ^= 1 << bit % 8
    leaf, other, *steps = map(bytes, flipped)

    assert not merkle.verify_inclusion(leaf, index, size, steps, other)
    if path:
        assert not merkle.verify_inclusion(leaves[index], index, size, path[1:], root)
        assert not merkle.verify_inclusion(leaves[index], index, size, path[:-1], root)


@given(new=st.integers(2, 70), data=st.data())
def test_a_changed_beginning_is_not_joined(new, data):
    """Whoever changes a leaf that was sealed finds no proof between the old seal and the new one."""
    old = data.draw(st.integers(1, new - 1))
    at = data.draw(st.integers(0, old - 1))
    leaves = hashes(new)
    other = [*leaves[:at], merkle.leaf_hash(b"other"), *leaves[at + 1 :]]
    path = consistency(other, old, new)

    assert not merkle.verify_consistency(old, new, root_over(leaves[:old]), root_over(other), path)


def test_many_proofs_come_from_one_pass():
    """The parts of several proofs are collected together, each leaf looked at once."""
    leaves = iter(hashes(50))
    wanted = {part for index in range(50) for part in merkle.inclusion_parts(index, 50)} | {(0, 50)}
    found = merkle.parts(leaves, 50, wanted)

    assert [] == list(leaves)
    for index in range(50):
        path = [found[part] for part in merkle.inclusion_parts(index, 50)]
        assert merkle.verify_inclusion(hashes(50)[index], index, 50, path, found[0, 50])


def test_too_few_leaves_give_no_part():
    """A stream that ends early is told, not taken for a smaller tree."""
    with pytest.raises(ValueError, match="7 leaves"):
        merkle.parts(hashes(7), 8, [(0, 8)])
    with pytest.raises(ValueError):
        merkle.parts(hashes(8), 8, [(1, 3)])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index, size):
    """Neither is a path made, nor does one hold."""
    with pytest.raises(ValueError):
        merkle.inclusion_parts(index, size)
    assert not merkle.verify_inclusion(bytes(32), index, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_nothing_is_joined_to_what_is_no_beginning(old, new):
    """An empty tree, or a greater one, is no beginning."""
    with pytest.raises(ValueError):
        merkle.consistency_parts(old, new)
    assert not merkle.verify_consistency(old, new, bytes(32), bytes(32), [])


def test_what_is_kept_of_many_leaves_is_little():
    """A tree over a hundred thousand leaves keeps a handful of hashes."""
    tree = merkle.Tree()
    for number in range(100_000):
        tree.add(number.to_bytes(32))

    assert len(tree._whole) == (100_000).bit_count()


@given(plan=st.text(max_size=20), seq=st.integers(1, 2**53 - 1), hash=st.binary(min_size=32, max_size=32))
def test_the_bytes_of_a_leaf_are_canonical(plan, seq, hash):
    """Whatever the chain is called, they are those of the canonical form, or there are none."""
    try:
        expected = canonical_json({"hash": hash.hex(), "plan": plan, "seq": seq})
    except NotCanonical:
        with pytest.raises(NotCanonical):
            merkle.leaf_data(plan, seq, hash)
        return
    assert expected == merkle.leaf_data(plan, seq, hash)


def test_a_leaf_says_which_event_of_which_chain():
    """Its bytes are canonical JSON, so that another program makes the same."""
    data = merkle.leaf_data("1-KH", 7, bytes(32))

    assert b'{"hash":"' + b"00" * 32 + b'","plan":"1-KH","seq":7}' == data
    assert hashlib.sha256(b"\x00" + data).digest() == merkle.leaf_hash(data)
