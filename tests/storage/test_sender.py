from dog.storage.sender import FILE, Sender


def test_a_key_is_one_voter_unless_it_may_name_actors() -> None:
    plain, team = Sender(key_id="k1"), Sender(key_id="k1", names_actors=True)

    assert plain.voter("ann") == plain.voter("ben") == plain.voter(None) == "key k1"
    assert [team.voter(actor) for actor in ("ann", None)] == ["actor ann", "key k1"]
    assert FILE.voter("ann") == "actor ann"


def test_an_admins_key_speaks_as_admin_unless_it_names_an_actor_it_vouches_for() -> None:
    admin = Sender(key_id="k1", is_admin=True)
    local = Sender(key_id="k1", is_admin=True, names_actors=True)

    assert admin.speaks_as_admin("ann")
    assert local.speaks_as_admin(None)
    assert not local.speaks_as_admin("ann")
    assert not FILE.speaks_as_admin(None)
