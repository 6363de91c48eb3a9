"""Part 3, line by line."""

import socket
import threading

VERSE = "The rain has come indoors to hear\nwhat all the gutters knew.\n"


def serve(conn):
    lines = conn.makefile("r", newline="\n")
    strikes = 0
    while strikes < 4:
        line = lines.readline()
        if not line:
            break
        if line.startswith("GET "):
            conn.sendall(f"HTTP/1.1 200 OK\r\n\r\n{VERSE}".encode())
            break
        conn.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        strikes += 1
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
