// A socket that listens on port 1337, and nothing more. The rest is yours.
import { createServer } from "node:net";

const server = createServer();
server.listen(1337, "127.0.0.1", () => console.log("listening on", server.address()));
