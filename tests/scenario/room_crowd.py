"""Many at once, and descriptors above what select() was once made for."""

import os
import resource
import signal

import kit


def raise_limit(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise kit.Skip(f"only {hard} descriptors are allowed here (ulimit -Hn)")
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@kit.case
def forty_at_once(place):
    server = kit.Server(place)
    crowd = [kit.Client(server, f"c{i}", entered=False) for i in range(40)]
    for client in crowd:
        client.expect("ready")
        seen = {m["name"] for m in client.expect("directory")["members"]}
        for other in crowd:
            if other.name not in seen:
                client.expect("joined", name=other.name)
    crowd[0].send("/all to all forty")
    for client in crowd[1:]:
        assert client.expect("message", text="to all forty")["from"] == "c0"
    # Everybody to a neighbour, all at the same time.
    for i, client in enumerate(crowd):
        client.send(f"/msg c{(i + 1) % 40} from c{i}")
    for i, client in enumerate(crowd):
        assert client.expect("message", from_=f"c{i - 1 if i else 39}")["text"] == f"from c{i - 1 if i else 39}"
    assert sorted(client.expect("sent", to=f"c{(i + 1) % 40}")["number"] for i, client in enumerate(crowd)) == list(range(2, 42))
    for client in crowd[20:]:
        client.signal(signal.SIGKILL)
    for client in crowd[:20]:
        assert {client.expect("left")["name"] for _ in range(20)} == {f"c{i}" for i in range(20, 40)}
    server.stop()
    for client in crowd[:20]:
        client.wait(1)


@kit.case
def descriptors_above_1024_work(place):
    """dend is started with so many open files that every link of its own is above FD_SETSIZE."""
    raise_limit(4096)
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        server = kit.Server(place, pass_fds=held)
    finally:
        for fd in held:
            os.close(fd)
    own = [int(fd) for fd in os.listdir(f"/proc/{server.process.pid}/fd")] if os.geteuid() == 0 else []
    clients = [kit.Client(server, f"c{i}") for i in range(12)]
    if own:
        assert max(own) > 1024
        assert sum(int(fd) > 1024 for fd in os.listdir(f"/proc/{server.process.pid}/fd")) >= 12
    for client in clients[1:]:
        clients[0].expect("joined", name=client.name)
    clients[0].send("/all above")
    for client in clients[1:]:
        client.expect("message", text="above")
        client.send("/msg c0 heard")
        clients[0].expect("message", text="heard", from_=client.name)
    for client in clients:
        client.quit()
    server.stop()


@kit.case
def no_descriptor_left_is_a_polite_refusal(place):
    """A server that may open few files serves those who are in, and takes others when some have gone."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
    server = kit.Server(place, preexec_fn=limit)
    inside, refused = [], 0
    while refused < 3:
        client = kit.Client(server, f"c{len(inside)}", entered=False)
        event = client.take(lambda e: e["event"] in ("ready", "error"), "answer")
        if event["event"] == "ready":
            inside.append(client)
            assert len(inside) < 40
        else:
            assert event["code"] in ("full", "unreachable"), event
            client.wait(1)
            refused += 1
    assert len(inside) >= 5, len(inside)
    inside[0].send("/msg c1 we are in")
    inside[1].expect("message", text="we are in")
    inside.pop().quit()
    inside[0].expect("left")
    kit.Client(server, "late")


@kit.case
def a_client_with_many_inherited_files_says_so_or_works(place):
    raise_limit(4096)
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        alice = kit.Client(server, "alice", pass_fds=held)
    finally:
        for fd in held:
            os.close(fd)
    alice.send("/msg bob from above")
    bob.expect("message", text="from above")


kit.main()
