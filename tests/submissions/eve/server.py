"""Part 3, on the port that was free."""

import socket

listener = socket.create_server(("127.0.0.1", 8080))
print("listening on 8080", flush=True)
while True:
    conn, _ = listener.accept()
    conn.close()
