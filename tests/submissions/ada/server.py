"""Part 3, a byte at a time."""

import socket
import threading
import time

VERSE = "The rain has come indoors to hear\nwhat all the gutters knew.\n".encode()
JUNK = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"


def listen(read, tell):
    """Tells of each piece of junk at its first wrong byte; returns at a GET, and
    raises EOFError at the end of the stream."""
    while True:
        byte = read()
        while byte in b"\r\n":
            byte = read()
        for wanted in (b"G", b"E", b"T", b" "):
            if byte != wanted:
                break
            if wanted == b" ":
                return
            byte = read()
        tell()
        line = byte
        says_http = False
        while byte != b"\n":
            byte = read()
            line = (line + byte)[-5:]
            says_http = says_http or line == b"HTTP/"
        empty = not says_http
        while not empty:
            empty = True
            byte = read()
            while byte != b"\n":
                empty = empty and byte == b"\r"
                byte = read()


def serve(conn):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    conn.settimeout(30)
    stream = conn.makefile("rb")
    strikes = 0

    def read():
        byte = stream.read(1)
        if not byte:
            raise EOFError
        return byte

    def tell():
        nonlocal strikes
        strikes += 1
        conn.sendall(JUNK)
        if strikes == 4:
            raise EOFError

    try:
        listen(read, tell)
        conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + VERSE)
    except EOFError:
        pass
    except OSError:
        conn.close()
        return
    try:
        conn.shutdown(socket.SHUT_WR)
        conn.settimeout(2)
        while conn.recv(4096):
            pass
    except OSError:
        pass
    stream.close()
    conn.close()


listener = socket.create_server(
    ("", 1337), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500
)
wait = 0.005
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        # All descriptors are in use: some callers will leave.
        time.sleep(wait)
        wait = min(2 * wait, 1)
        continue
    wait = 0.005
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
