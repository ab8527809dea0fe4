"""Where a server can be reached, and where each program keeps its things."""

import os
import socket
import subprocess

import kit


def reach(server, name, address):
    """One shot at the server by another address of it."""
    return kit.run("den", *server.options_for(name), "who", address)[0]


def ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        raise kit.Skip("no IPv6 here") from None


@kit.case
def a_server_listens_where_it_is_told(place):
    server = kit.Server(place)
    assert server.host == "127.0.0.1" and server.port > 0
    bob = kit.Client(server, "bob")
    for address in (f"127.0.0.1:{server.port}", f"localhost:{server.port}", f"LOCALHOST:{server.port}",
                    f"den://{server.address}/#{server.fingerprint}", f"den://{server.address}#{server.fingerprint[7:]}"):
        assert bob.fingerprint in reach(server, "alice", address), address
    with socket.socket() as elsewhere:
        assert elsewhere.connect_ex(("127.0.0.2", server.port)) != 0


@kit.case
def ipv6_is_as_good(place):
    ipv6()
    server = kit.Server(place, listen="[::1]:0")
    assert server.address == f"[::1]:{server.port}"
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/msg bob over six")
    bob.expect("message", text="over six")
    assert bob.fingerprint in reach(server, "carol", f"den://{server.address}/#{server.fingerprint}")


@kit.case
def all_addresses_are_both_kinds(place):
    ipv6()
    server = kit.Server(place, listen=":0")
    bob = kit.Client(server, "bob") if server.host not in ("::", "") else None
    for host in ("127.0.0.1", "[::1]", "localhost"):
        out = reach(server, "alice", f"{host}:{server.port}")
        assert bob is None or bob.fingerprint in out


def with_home(place, **more):
    home = place / "home"
    home.mkdir(exist_ok=True)
    keep = {key: value for key, value in os.environ.items() if not key.startswith("XDG_") and key != "STATE_DIRECTORY"}
    return {**keep, "HOME": str(home), **more}


@kit.case
def a_persons_things_are_in_the_home_directory(place):
    env = with_home(place)
    kit.run("den", "key", "show", env=env)
    assert (place / "home/.local/state/den/identity.pem").exists()
    env = with_home(place, XDG_STATE_HOME=str(place / "xdg"))
    kit.run("den", "key", "show", env=env)
    assert (place / "xdg/den/identity.pem").exists()
    kit.run("den", "key", "show", env=with_home(place, XDG_STATE_HOME="relative"))      # ignored
    out, err = kit.run("den", "key", "show", env={"PATH": os.environ["PATH"]}, code=2)
    assert err.count("\n") == 1 and "--state" in err
    server = kit.Running(kit.program("dend"), "--listen", "127.0.0.1:0", env=env, stdin=subprocess.DEVNULL)
    server.line("listening on")
    assert (place / "xdg/den/server/identity.pem").exists()


@kit.case
def a_services_things_are_where_the_system_says(place):
    server = kit.Running(kit.program("dend"), "--listen", "127.0.0.1:0", env=with_home(place, STATE_DIRECTORY=str(place / "var")),
                         stdin=subprocess.DEVNULL)
    server.line("listening on")
    assert (place / "var/identity.pem").exists() and not list((place / "home").iterdir())


@kit.case
def a_library_that_is_not_there_is_an_empty_one(place):
    server = kit.Server(place)
    assert list((place / "lib").iterdir()) == []  # made, for what comes later could not be read in the sandbox
    alice = kit.Client(server, "alice")
    alice.send("/videos")
    assert alice.expect("videos")["clips"] == []
    alice.send("/play anything")
    alice.expect("error", code="not-played")


kit.main()
