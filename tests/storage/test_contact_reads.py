from hiredis import Reader

from dog.storage.contact_reads import ContactReads
from dog.storage.ids import tombstone
from dog.storage.keys import contact_suffix
from dog.storage.store import Store


def test_the_packed_commands_read_what_is_kept_of_one_contact(store: Store) -> None:
    digest, keys = store.tenant.contact("c1"), store.tenant.partition(store.tenant.contact("c1"))
    mark = tombstone(store.tenant.secret, digest)
    store.execute("SET", keys.contact("verdicts", digest), "v")
    store.execute("HSET", keys.of("scores", "cf"), digest, "s")
    store.execute("SADD", keys.of("erased"), mark)
    reads = ContactReads.of(store.keys, store.tenant.partition_number(digest), [("laps", ""), ("scores", "cf")])
    trip = store.trip()
    trip.add_packed(reads.key, reads.of_contact(digest, mark), reads.answers)

    assert trip.send() == [[b"v", None, None, b"s", 1]]


def test_any_digest_fits_the_packed_commands(store: Store) -> None:
    reads = ContactReads.of(store.keys, 3, [("contacts", "")])
    for digest in (bytes(16), b"%" * 16, b"\r\n" * 8, bytes(range(240, 256))):
        reader = Reader()
        reader.feed(reads.of_contact(digest, digest))
        commands = [reader.gets() for _ in range(reads.answers)]

        assert commands[0] == [b"GET", store.keys.partition(3).prefix + b"verdicts:" + contact_suffix(digest)]
        assert commands[2:] == [
            [b"HGET", store.keys.partition(3).of("contacts"), digest],
            [b"SISMEMBER", reads.key, digest],
        ]
