"""Part 3, reading once."""

import socket
import threading

VERSE = "The rain has come indoors to hear\nwhat all the gutters knew.\n".encode()


def serve(conn):
    while True:
        data = conn.recv(1024)
        if not data:
            break
        if data.startswith(b"GET "):
            conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + VERSE)
            break
        conn.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
    conn.close()


listener = socket.create_server(
    ("", 1337), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500
)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
