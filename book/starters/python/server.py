"""A socket that listens on port 1337, and nothing more. The rest is yours."""

import signal
import socket

listener = socket.create_server(("127.0.0.1", 1337))
print("listening on", listener.getsockname(), flush=True)
signal.pause()
