"""Part 3, with print's idea of a line's end."""

import socket
import threading

VERSE = "The rain has come indoors to hear\nwhat all the gutters knew.\n"


def byte(conn):
    while data := conn.recv(1):
        yield data


def serve(conn):
    out = conn.makefile("w")
    seen = b""
    strikes = 0
    for data in byte(conn):
        if not seen and data in b"\r\n":
            continue
        seen = (seen + data)[:4]
        if seen == b"GET ":
            print("HTTP/1.1 200 OK\n", file=out, flush=True)
            print(VERSE, end="", file=out, flush=True)
            break
        if data == b"\n":
            print("HTTP/1.1 405 Method Not Allowed", file=out, flush=True)
            print("Content-Length: 0\n", file=out, flush=True)
            seen = b""
            strikes += 1
            if strikes == 4:
                break
    conn.shutdown(socket.SHUT_WR)
    conn.settimeout(2)
    while conn.recv(4096):
        pass
    conn.close()


listener = socket.create_server(
    ("", 1337), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500
)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
